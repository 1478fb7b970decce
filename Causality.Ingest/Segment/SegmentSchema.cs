using Causality.Ingest.Capture;

namespace Causality.Ingest.Segment;

/// <summary>
/// A call of Segment's tracking API as tables, under the names that its clients use. What is not here (<c>integrations</c>, <c>_metadata</c>, members of
/// <c>context</c> that no column holds) is passed over.
/// </summary>
internal static class SegmentSchema
{
    public static MessageSchema Context { get; } = Message(
        Any("userAgent"), Any("locale"), Any("timezone"), Any("ip"),
        Group("page", "url", "path", "referrer", "title"),
        Group("screen", "width", "height"),
        Group("device", "id", "type", "model", "manufacturer"),
        Group("os", "name", "version"),
        Group("app", "version", "build"),
        Group("campaign", "name", "source", "medium", "term", "content"),
        Group("network", "wifi", "carrier"),
        Group("library", "version"));

    public static MessageSchema Call { get; } = Message(
        [.. new[]
            {
                "type", "messageId", "userId", "anonymousId", "event", "name", "category", "groupId", "previousId", "timestamp", "originalTimestamp", "sentAt",
            }.Select(Any),
            Group("properties", Schema.Properties), Group("traits", Schema.Properties), Group("context", Context)]);

    private static MessageSchema Message(params FieldSchema[] fields) => new(fields, keepsUnknown: false);

    // any JSON value: what does not fit its column is no reason to lose the event
    private static FieldSchema Any(string name) => new(name, name, -1, FieldKind.Json);

    private static FieldSchema Group(string name, params string[] members) => Group(name, Message([.. members.Select(Any)]));

    private static FieldSchema Group(string name, MessageSchema message) => new(name, name, -1, FieldKind.Message) { Message = message };
}
