namespace Causality.EventStore.Streams;

/// <summary>
/// State that a stream's facts add up to. It decides in methods of its own, which answer new facts or throw, and know neither clock nor
/// I/O; <see cref="Apply"/> only believes.
/// </summary>
public interface IAggregate<TSelf>
    where TSelf : IAggregate<TSelf>
{
    /// <summary>The state before the first fact.</summary>
    static abstract TSelf Initial { get; }

    /// <summary>The state after this fact. A fact that does not matter to it changes nothing.</summary>
    TSelf Apply(object fact);
}

/// <summary>An aggregate as its stream made it.</summary>
/// <param name="Version">The number of facts; 0 where there is no such stream. What is decided is appended with it as the expected version.</param>
public sealed record Loaded<T>(StreamId Stream, long Version, T State);
