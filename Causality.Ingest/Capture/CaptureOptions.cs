namespace Causality.Ingest.Capture;

/// <summary>What an event and a batch must keep to. An event beyond its limits is rejected by itself; a batch beyond its own is refused whole.</summary>
public sealed class CaptureOptions
{
    /// <summary>Events in one batch.</summary>
    public int MaxBatchEvents { get; set; } = 1000;

    /// <summary>Bytes of one event as it was sent, JSON or protobuf.</summary>
    public int MaxEventBytes { get; set; } = 64 * 1024;

    /// <summary>Objects and arrays inside each other in one payload, the payload itself being the first.</summary>
    public int MaxPropertyDepth { get; set; } = 16;

    /// <summary>Members of one object or map.</summary>
    public int MaxProperties { get; set; } = 256;

    /// <summary>Characters of an event's id and of its idempotency key.</summary>
    public int MaxKeyLength { get; set; } = 128;

    /// <summary>Characters of a custom event's name.</summary>
    public int MaxNameLength { get; set; } = 128;
}
