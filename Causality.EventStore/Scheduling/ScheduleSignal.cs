using Causality.EventStore.Outbox;

namespace Causality.EventStore.Scheduling;

/// <summary>Tells this host's loop that something was scheduled here, perhaps for sooner than it sleeps.</summary>
internal sealed class ScheduleSignal : IDisposable
{
    private readonly OutboxSignal _signal = new();

    public void Set() => _signal.Set();

    public Task Wait(TimeSpan atLatest, CancellationToken ct) => _signal.Wait(atLatest, ct);

    public void Dispose() => _signal.Dispose();
}
