namespace Causality.EventStore.Outbox;

/// <summary>Wakes this host's delivery as soon as something was committed here; many signals before it has woken are one.</summary>
internal sealed class OutboxSignal : IDisposable
{
    private readonly SemaphoreSlim _set = new(0, 1);

    public void Set()
    {
        lock (_set)
            if (_set.CurrentCount == 0)
                _set.Release();
    }

    /// <summary>Returns at the signal, or after <paramref name="atLatest"/>.</summary>
    public Task Wait(TimeSpan atLatest, CancellationToken ct) => _set.WaitAsync(atLatest, ct);

    public void Dispose() => _set.Dispose();
}
