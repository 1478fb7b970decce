using Causality.Ingest.Capture;

namespace Causality.Ingest.Segment;

/// <summary>The six calls of Segment's tracking API: what a route of its own says, and what <c>type</c> says in a batch.</summary>
internal static class SegmentCalls
{
    private static readonly NameTable<string> Names = new([.. new[] { "track", "identify", "page", "screen", "group", "alias" }.Select(name => (name, name))]);

    /// <summary>The name of a call, or null.</summary>
    public static string? Find(ReadOnlySpan<byte> name) => Names.Find(name, out var found) ? found : null;

    /// <summary>The call that a route of its own is for; null for a batch, whose items say it.</summary>
    public static string? SegmentType(this RequestShape shape) => shape switch
    {
        RequestShape.SegmentTrack => "track",
        RequestShape.SegmentIdentify => "identify",
        RequestShape.SegmentPage => "page",
        RequestShape.SegmentScreen => "screen",
        RequestShape.SegmentGroup => "group",
        RequestShape.SegmentAlias => "alias",
        _ => null,
    };
}
