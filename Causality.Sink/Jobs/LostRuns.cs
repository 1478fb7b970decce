using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Causality.Sink.Jobs;

/// <summary>Every two seconds on each host of the role: finds the runs whose host is gone, and has them begun again where the schedule had asked for them.</summary>
internal sealed class LostRuns(NpgsqlDataSource database, JobSchedule schedule, IOptions<JobsOptions> options, TimeProvider clock, ILogger<LostRuns> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <summary>After which a host that still holds its lock, and has told nothing, is taken for stopped.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);

    /// <summary>One pass. A run is marked once, whichever hosts look at it; if this host dies in the midst of it, another does the same again.</summary>
    public async Task Mark(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        foreach (var (job, run, attempt) in await JobRunTable.MarkLost(transaction, ct))
        {
            log.RunLost(job, run);
            if (attempt < options.Value.Attempts)
                await schedule.BeginAgain(job, run, attempt + 1, TimeSpan.Zero, ct);
        }
        await transaction.CommitAsync(ct);
    }

    [SuppressMessage("Design", "CA1031", Justification = "the loop outlives whatever the database does")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await JobRunTable.EndSilent(database, Silence, stoppingToken) is > 0 and var ended)
                    log.SilentEnded(ended);
                await Mark(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                log.LostNotMarked(failure, Period);
            }
            await Task.Delay(Period, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
