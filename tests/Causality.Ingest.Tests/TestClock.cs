namespace Causality.Ingest.Tests;

/// <summary>Time that stands still until it is told to pass; what is due by then happens then.</summary>
internal sealed class TestClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Timer> _armed = [];
    private DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private TimeSpan _setBack;

    public override DateTimeOffset GetUtcNow() => _now - _setBack;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Pass(TimeSpan time)
    {
        List<Timer> due;
        lock (_gate)
        {
            _now += time;
            due = [.. _armed.Where(t => t.Due <= _now)];
            _armed.RemoveAll(due.Contains);
        }
        foreach (var timer in due)
            timer.Fire();
    }

    /// <summary>Somebody sets the time of day back; what is measured goes on.</summary>
    public void SetBack(TimeSpan by) => _setBack += by;

    public void PassSeconds(double seconds) => Pass(TimeSpan.FromSeconds(seconds));

    /// <summary>Until so many timers wait: what is under test has come to where only time moves it on.</summary>
    public async Task Armed(int timers)
    {
        while (true)
        {
            lock (_gate)
                if (_armed.Count >= timers)
                    return;
            await Task.Delay(1);
        }
    }

    private sealed class Timer(TestClock clock, Action fire) : ITimer
    {
        public DateTimeOffset Due { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._armed.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = clock._now + dueTime;
                clock._armed.Add(this);
            }
            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
