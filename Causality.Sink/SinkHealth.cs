namespace Causality.Sink;

/// <summary>How flushing goes. Two flushes may be on their way; the trouble of one does not end with the success of the other.</summary>
internal sealed class SinkHealth(TimeProvider clock)
{
    private volatile Trouble? _trouble;
    private long _flushedAt;

    private sealed record Trouble(object Of, string What);

    public string? Problem => _trouble?.What;

    /// <summary>When a flush last committed; null before the first one of this process.</summary>
    public DateTimeOffset? FlushedAt => Volatile.Read(ref _flushedAt) is > 0 and var ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;

    public void Failed(object flush, string problem) => _trouble = new Trouble(flush, problem);

    public void Flushed(object flush)
    {
        Volatile.Write(ref _flushedAt, clock.GetUtcNow().ToUnixTimeMilliseconds());
        if (_trouble is { } trouble && ReferenceEquals(trouble.Of, flush))
            Interlocked.CompareExchange(ref _trouble, null, trouble);
    }
}
