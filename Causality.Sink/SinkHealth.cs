namespace Causality.Sink;

/// <summary>Whether the sink can store, for <c>/ready</c>, the page and the log.</summary>
internal sealed class SinkHealth(TimeProvider clock)
{
    private volatile string? _problem;
    private long _flushedAt;

    public string? Problem => _problem;

    /// <summary>When a flush last committed; null before the first one of this process.</summary>
    public DateTimeOffset? FlushedAt => Volatile.Read(ref _flushedAt) is > 0 and var ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;

    public void Failed(string problem) => _problem = problem;

    public void Flushed()
    {
        Volatile.Write(ref _flushedAt, clock.GetUtcNow().ToUnixTimeMilliseconds());
        _problem = null;
    }
}
