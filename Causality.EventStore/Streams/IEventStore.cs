namespace Causality.EventStore.Streams;

/// <summary>Streams of facts: append-only, in order, each with a version that a writer expects.</summary>
public interface IEventStore
{
    /// <summary>The aggregate that the stream's facts add up to; its initial state and version 0 where there is no such stream.</summary>
    Task<Loaded<T>> Load<T>(StreamId stream, CancellationToken ct) where T : IAggregate<T>;

    /// <summary>The stream's facts, from the first.</summary>
    Task<IReadOnlyList<Recorded>> Read(StreamId stream, CancellationToken ct);

    /// <summary>Begins a transaction: facts of any number of streams, with rows beside them, all or none.</summary>
    EventTransaction Begin(FactOrigin origin);

    /// <summary>
    /// Appends to one stream, in a transaction of its own. Throws <see cref="StreamConflictException"/> when the stream is not at
    /// <paramref name="expectedVersion"/>; 0 expects that there is none. No facts, no append.
    /// </summary>
    Task Append(StreamId stream, long expectedVersion, IReadOnlyList<object> facts, FactOrigin origin, CancellationToken ct);
}
