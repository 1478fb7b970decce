using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.Ingest.Publishing;

/// <summary>Writes the counts that changed into <c>pipeline_published</c>, four times a second and at shutdown.</summary>
internal sealed class SavePublishedCounts(PublishedCounts counts, NpgsqlDataSource database, TimeProvider clock, ILogger<SavePublishedCounts> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private bool _failing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await Save(CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // stopping: StopAsync saves the rest
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Save(cancellationToken);
    }

    [SuppressMessage("Design", "CA1031", Justification = "the counts stay in memory and are saved when the database is back")]
    private async Task Save(CancellationToken ct)
    {
        var unsaved = counts.TakeUnsaved();
        if (unsaved.Count == 0)
            return;
        try
        {
            await using var command = database.CreateCommand(
                """
                insert into pipeline_published (run_id, app_id, hour, events)
                select $1, * from unnest($2, $3, $4)
                on conflict (run_id, app_id, hour) do update set events = greatest(pipeline_published.events, excluded.events)
                """);
            command.Parameters.Add(new() { Value = counts.Run });
            command.Parameters.Add(new() { Value = unsaved.Select(total => total.AppId).ToArray() });
            command.Parameters.Add(new() { Value = unsaved.Select(total => total.Hour).ToArray() });
            command.Parameters.Add(new() { Value = unsaved.Select(total => total.Events).ToArray() });
            await command.ExecuteNonQueryAsync(ct);
            _failing = false;
            counts.ForgetBefore((int)(clock.GetUtcNow().ToUnixTimeSeconds() / 3600) - 2);
        }
        catch (Exception e)
        {
            counts.Return(unsaved);
            if (!_failing)
                log.CountsNotSaved(e);
            _failing = true;
        }
    }
}
