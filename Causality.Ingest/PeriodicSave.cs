using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;

namespace Causality.Ingest;

/// <summary>
/// Writes what gathers in memory to the database, every so often and at shutdown. What could not be written is given back and written later; it is
/// told once, not each time.
/// </summary>
internal abstract class PeriodicSave<T>(TimeSpan interval, TimeProvider clock) : BackgroundService
{
    private bool _failing;

    /// <summary>What has gathered since it was last taken.</summary>
    protected abstract IReadOnlyList<T> TakeUnsaved();

    protected abstract Task Save(IReadOnlyList<T> unsaved, CancellationToken ct);

    /// <summary>Takes back what could not be saved.</summary>
    protected abstract void Return(IReadOnlyList<T> unsaved);

    /// <summary>Logs the first failure after a success.</summary>
    protected abstract void Tell(Exception failure);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await SaveWhatGathered(CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // stopping: StopAsync saves the rest
        }
    }

    public sealed override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await SaveWhatGathered(cancellationToken);
    }

    [SuppressMessage("Design", "CA1031", Justification = "it stays in memory and is saved when the database is back")]
    private async Task SaveWhatGathered(CancellationToken ct)
    {
        var unsaved = TakeUnsaved();
        if (unsaved.Count == 0)
            return;
        try
        {
            await Save(unsaved, ct);
            _failing = false;
        }
        catch (Exception e)
        {
            Return(unsaved);
            if (!_failing)
                Tell(e);
            _failing = true;
        }
    }
}
