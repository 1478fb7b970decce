using System.Diagnostics.Metrics;

namespace Causality.EventStore.Outbox;

/// <summary>What waits, by the database's own count.</summary>
/// <param name="Messages">Messages in the outbox.</param>
/// <param name="Failing">Those that an attempt to deliver has failed for.</param>
/// <param name="Oldest">When the oldest was written.</param>
/// <param name="LastError">Why the oldest failing one could not be delivered.</param>
/// <param name="Scheduled">Messages for later.</param>
/// <param name="Overdue">When the longest overdue of them was due.</param>
internal sealed record OutboxDepth(long Messages, long Failing, DateTimeOffset? Oldest, string? LastError, long Scheduled, DateTimeOffset? Overdue);

/// <summary>What outbox and scheduler measure, meter <c>Causality.Outbox</c>. Every host tells the depth of the one outbox that they share.</summary>
internal sealed class OutboxMetrics : IDisposable
{
    private readonly Meter _meter = new(OutboxModule.MeterName);
    private readonly Counter<long> _delivered, _failures, _moved;
    private readonly TimeProvider _clock;
    private volatile OutboxDepth? _depth;

    public OutboxMetrics(TimeProvider clock)
    {
        _clock = clock;
        _delivered = _meter.CreateCounter<long>("causality.outbox.delivered", description: "Messages that the broker has confirmed");
        _failures = _meter.CreateCounter<long>("causality.outbox.failures", description: "Attempts that failed");
        _moved = _meter.CreateCounter<long>("causality.outbox.due", description: "Scheduled messages that became due");
        _meter.CreateObservableGauge("causality.outbox.messages", () => _depth?.Messages ?? 0, description: "Messages that wait for the broker's confirm");
        _meter.CreateObservableGauge("causality.outbox.failing", () => _depth?.Failing ?? 0, description: "Those of them that an attempt has failed for");
        _meter.CreateObservableGauge("causality.outbox.age", () => Age(_depth?.Oldest).TotalSeconds, "s", "How long the oldest has waited");
        _meter.CreateObservableGauge("causality.outbox.scheduled", () => _depth?.Scheduled ?? 0, description: "Messages for later");
    }

    public OutboxDepth? Depth
    {
        get => _depth;
        set => _depth = value;
    }

    public void Delivered(int delivered, int failed)
    {
        _delivered.Add(delivered);
        _failures.Add(failed);
    }

    public void Moved(int messages) => _moved.Add(messages);

    public TimeSpan Age(DateTimeOffset? since) => since is { } at && _clock.GetUtcNow() is var now && now > at ? now - at : TimeSpan.Zero;

    public void Dispose() => _meter.Dispose();
}
