namespace Causality.Contracts.Events;

/// <summary>
/// Behavioral events that Ingest has accepted, on their way to the lake. <paramref name="Batch"/> is an AcceptedBatch of
/// accepted.proto and is the whole body of the message on the bus (content type <see cref="ContentType"/>).
/// <paramref name="Counts"/> travels in a header, so that even a message whose body is damaged can be counted.
/// </summary>
public sealed record EventsAccepted(ReadOnlyMemory<byte> Batch, EventCounts Counts)
{
    public const string ContentType = "application/vnd.causality.events.v1";
    public const string CountsHeader = "causality-counts";
}
