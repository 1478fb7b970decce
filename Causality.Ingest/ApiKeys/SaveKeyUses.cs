using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.Ingest.ApiKeys;

/// <summary>Writes when keys were last used into <c>api_keys</c>, every 10 seconds and at shutdown: one statement, no fact, no version.</summary>
internal sealed class SaveKeyUses(KeyUses uses, NpgsqlDataSource database, TimeProvider clock, ILogger<SaveKeyUses> log) : BackgroundService
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
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

    [SuppressMessage("Design", "CA1031", Justification = "the uses stay in memory and are saved when the database is back")]
    private async Task Save(CancellationToken ct)
    {
        var unsaved = uses.TakeUnsaved();
        if (unsaved.Count == 0)
            return;
        try
        {
            // rows are locked in one order by every host, so that two of them never wait for each other
            await using var update = database.CreateCommand(
                """
                with used as (
                    select k.id, u.at from api_keys k join unnest($1, $2) as u (id, at) on u.id = k.id
                    where k.last_used_at is null or k.last_used_at < u.at order by k.id for no key update of k)
                update api_keys k set last_used_at = used.at from used where k.id = used.id
                """);
            update.Parameters.Add(new() { Value = unsaved.Select(use => use.Key).ToArray() });
            update.Parameters.Add(new() { Value = unsaved.Select(use => use.At).ToArray() });
            await update.ExecuteNonQueryAsync(ct);
            _failing = false;
        }
        catch (Exception e)
        {
            uses.Return(unsaved);
            if (!_failing)
                log.UsesNotSaved(e);
            _failing = true;
        }
    }
}
