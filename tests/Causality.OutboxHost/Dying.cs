using System.Diagnostics;
using Causality.EventStore.Outbox;

namespace Causality.OutboxHost;

/// <summary>Kills its own process when a step is passed for the given time: no finally, no flush, no farewell to anybody.</summary>
internal sealed class Dying(OutboxStep step, int passage) : IOutboxFailPoint
{
    private int _left = passage;

    public void At(OutboxStep passed)
    {
        if (passed != step || Interlocked.Decrement(ref _left) != 0)
            return;
        using var self = Process.GetCurrentProcess();
        self.Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}
