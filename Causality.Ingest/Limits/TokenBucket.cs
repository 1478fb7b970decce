namespace Causality.Ingest.Limits;

/// <summary>
/// Lets <paramref name="rate"/> tokens a second through, and <paramref name="burst"/> at once. Tokens are taken all or none. Who asks for more
/// than the bucket can ever hold gets it when the bucket is full, and the debt is waited off before the next. Safe for many threads.
/// </summary>
internal sealed class TokenBucket(double rate, double burst, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private double _tokens = burst;
    private long _filledAt = clock.GetTimestamp();

    public double Rate { get; } = rate;
    public double Burst { get; } = burst;

    /// <summary>True, or false and how long until the same would be let through.</summary>
    public bool TryTake(double count, out TimeSpan retryAfter)
    {
        lock (_lock)
        {
            if (!HasAtLeast(count, out retryAfter))
                return false;
            _tokens -= count;
            return true;
        }
    }

    /// <summary>Looks without taking.</summary>
    public bool HasAtLeast(double count, out TimeSpan retryAfter)
    {
        lock (_lock)
        {
            Fill();
            var missing = Math.Min(count, Burst) - _tokens;
            retryAfter = missing <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(missing / Rate);
            return missing <= 0;
        }
    }

    /// <summary>Nothing is owed and nothing taken: the bucket is as good as a new one.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock)
            {
                Fill();
                return _tokens >= Burst;
            }
        }
    }

    private void Fill()
    {
        var now = clock.GetTimestamp();
        _tokens = Math.Min(Burst, _tokens + clock.GetElapsedTime(_filledAt, now).TotalSeconds * Rate);
        _filledAt = now;
    }
}
