using System.Diagnostics.CodeAnalysis;
using Causality.EventStore.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.EventStore.Projections;

/// <summary>
/// Runs the asynchronous projections that this program has. Any number of hosts may do so: each projection is led by one of them, and by
/// another within seconds of its end.
/// </summary>
internal sealed class ProjectionDaemon(IEnumerable<AsynchronousProjection> projections, IProjections states, NpgsqlDataSource database, FactTypes types,
    ProjectionMetrics metrics, TimeProvider clock, ILogger<ProjectionDaemon> log) : BackgroundService
{
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var all = projections.Select(p => p.Projection).ToList();
        if (all.GroupBy(p => p.Name).FirstOrDefault(p => p.Count() > 1) is { } twice)
            throw new InvalidOperationException($"Two projections are called {twice.Key}.");
        await Task.WhenAll([.. all.Select(p => new ProjectionRun(p, database, types, metrics, clock, log).Follow(stoppingToken)), Watch(stoppingToken)]);
    }

    // every host tells how far each one is, also when no host leads it
    [SuppressMessage("Design", "CA1031", Justification = "the loop outlives whatever the database does")]
    private async Task Watch(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                metrics.States = await states.List(ct);
            }
            catch (Exception)
            {
                metrics.States = [];   // rather nothing than what is no longer so
            }
            await Task.Delay(Watched, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
