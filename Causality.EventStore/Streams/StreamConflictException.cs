namespace Causality.EventStore.Streams;

/// <summary>
/// Somebody else appended to the stream since it was loaded. Nothing was written: load again, decide again. <see cref="Expected"/> is the
/// version that the decision was made on; 0 where the stream should not have existed.
/// </summary>
public sealed class StreamConflictException(StreamId stream, long expected, Exception? inner = null)
    : Exception(expected == 0 ? $"The stream {stream} exists already." : $"The stream {stream} is no longer at version {expected}.", inner)
{
    public StreamId Stream { get; } = stream;
    public long Expected { get; } = expected;
}
