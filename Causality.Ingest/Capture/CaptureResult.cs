using System.Net;
using Causality.Ingest.Apps;

namespace Causality.Ingest.Capture;

internal enum BodyFormat
{
    Json,
    Protobuf,
}

/// <summary>What a route takes: one event or a batch of the contract, the flat shape of POST /api/v1/track and /track/batch, or a call or a batch of Segment's tracking API.</summary>
internal enum RequestShape
{
    Single,
    Batch,
    FlatSingle,
    FlatBatch,
    SegmentBatch,
    SegmentTrack,
    SegmentIdentify,
    SegmentPage,
    SegmentScreen,
    SegmentGroup,
    SegmentAlias,
}

internal static class RequestShapes
{
    public static bool IsFlat(this RequestShape shape) => shape is RequestShape.FlatSingle or RequestShape.FlatBatch;

    public static bool IsSegment(this RequestShape shape) => shape >= RequestShape.SegmentBatch;

    public static bool IsBatch(this RequestShape shape) => shape is RequestShape.Batch or RequestShape.FlatBatch or RequestShape.SegmentBatch;
}

/// <summary>What of an app's settings decides what is stored of an event.</summary>
internal sealed record AppRules(byte[] IpSalt, IpPolicy IpPolicy)
{
    /// <summary>Names of properties that are not stored; see DeniedProperties.</summary>
    public IReadOnlyList<string> DeniedProperties { get; init; } = [];

    /// <summary>Whether what the client left out is found out; see Enricher.</summary>
    public bool Enrichment { get; init; } = true;
}

/// <summary>What HTTP knows of the sender. The user agent is for enrichment and is never stored as it is; the address as the app's rules say.</summary>
internal readonly record struct ClientInfo(string? UserAgent, IPAddress? Address, AppRules? Rules);

/// <summary>One broken rule: a field such as <c>event.app_id</c> or <c>body</c>, the reason for people, and a code for programs.</summary>
internal sealed record Violation(string Field, string Description, string Code);

/// <summary>What became of one event. The id is empty where a rejected event has none; error, field and code are null when accepted.</summary>
internal readonly record struct EventVerdict(int Index, ReadOnlyMemory<byte> EventId, string? Error, string? Field, string? Code)
{
    public bool Accepted => Error is null;
}

/// <summary>
/// What became of one request: violations, when nothing of it was taken (HTTP 400), or else a verdict for each event, in the order sent.
/// All accepted events were received at the same moment, so <see cref="AcceptedCount"/> is also their count in that hour.
/// </summary>
internal sealed class CaptureResult
{
    private const int UsualBatch = 64;

    private readonly List<Violation> _violations = [];
    private readonly List<EventVerdict> _results = [];
    private readonly HashSet<int> _hours = [];
    private byte[] _ids = [];
    private int _idsUsed;

    public IReadOnlyList<Violation> Violations => _violations;

    public IReadOnlyList<EventVerdict> Results => _results;

    public int AcceptedCount { get; private set; }

    /// <summary>The hours, since 1970 in UTC, in which the accepted events happened.</summary>
    public IReadOnlySet<int> Hours => _hours;

    public int RejectedCount => _results.Count - AcceptedCount;

    public static CaptureResult Refused(string field, string description, string code)
    {
        var result = new CaptureResult();
        result._violations.Add(new Violation(field, description, code));
        return result;
    }

    public static CaptureResult Refused(IEnumerable<Violation> violations)
    {
        var result = new CaptureResult();
        result._violations.AddRange(violations);
        return result;
    }

    public void Accept(ReadOnlySpan<byte> id, int hour)
    {
        _hours.Add(hour);
        Add(id, null, null, null);
        AcceptedCount++;
    }

    public void Reject(ReadOnlySpan<byte> id, IReadOnlyList<Violation> violations)
    {
        var error = string.Join("; ", violations.Select(v => $"{v.Field}: {v.Description}"));
        Add(id, error, violations[0].Field, violations[0].Code);
    }

    private void Add(ReadOnlySpan<byte> id, string? error, string? field, string? code)
    {
        if (_results.Count == 1)
            _results.EnsureCapacity(UsualBatch);   // there is more than one: it is a batch
        _results.Add(new EventVerdict(_results.Count, Keep(id), error, field, code));
    }

    // Ids share arrays of 64 usual ones. A full array stays where it is, since verdicts point into it.
    private ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> id)
    {
        if (_ids.Length - _idsUsed < id.Length)
            (_ids, _idsUsed) = (new byte[Math.Max(id.Length, 64 * 36)], 0);
        var kept = _ids.AsMemory(_idsUsed, id.Length);
        id.CopyTo(kept.Span);
        _idsUsed += id.Length;
        return kept;
    }
}
