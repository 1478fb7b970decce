namespace Causality.EventStore.Projections;

/// <summary>How far the asynchronous projections of this program are, whichever host runs them.</summary>
public interface IProjections
{
    /// <summary>Each that <c>AddProjection</c> was told of, by name.</summary>
    Task<IReadOnlyList<ProjectionState>> List(CancellationToken ct);

    /// <summary>
    /// Returns when the projection has applied the fact of this number: to read what was just written. Throws
    /// <see cref="InvalidOperationException"/> when it stands still before that, and <see cref="ArgumentException"/> when there is none of this name.
    /// </summary>
    Task WaitFor(string name, long sequence, CancellationToken ct);

    /// <summary>The same for every fact that is recorded now.</summary>
    Task WaitFor(string name, CancellationToken ct);
}

/// <summary>How far a projection is.</summary>
/// <param name="Position">Facts up to this number are in its rows.</param>
/// <param name="HighWater">The number up to which facts can be read.</param>
/// <param name="Behind">How long ago the oldest fact was recorded that it has not applied; zero when it has applied all.</param>
/// <param name="Failure">Why it stands still; null while it goes on.</param>
public sealed record ProjectionState(string Name, long Position, long HighWater, TimeSpan Behind, ProjectionFailure? Failure)
{
    /// <summary>Numbers that it has not passed yet: at least the facts, and those that rollbacks have left out.</summary>
    public long Lag => HighWater - Position;
}

/// <summary>What a projection throws at, again and again, until it is mended.</summary>
/// <param name="Sequence">The fact's number. All before it are applied.</param>
public sealed record ProjectionFailure(DateTimeOffset Since, long Sequence, string Error);
