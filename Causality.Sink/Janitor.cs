using Causality.Lake.Ledger;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Causality.Sink;

/// <summary>
/// At start, and every minute: publishes what was committed and not published, removes the files of flushes that never committed,
/// pending names that nobody reads any more, and files that were replaced. A sink needs this done at once where it starts, so it is none of the scheduled jobs.
/// </summary>
internal sealed class Janitor(Publication publication, RetiredFiles retired, NpgsqlDataSource database, IOptions<SinkOptions> options, TimeProvider clock, ILogger<Janitor> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan DelaysKept = TimeSpan.FromDays(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Tidy(stoppingToken);
                await Task.Delay(Period, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task Tidy(CancellationToken ct)
    {
        try
        {
            if (await publication.Complete(ct) is > 0 and var completed)
                log.Completed(completed);
            // twice the deadline: by then the flush's own deadline has rolled it back
            if (await publication.Tidy(options.Value.Deadline * 2, ct) is > 0 and var abandoned)
                log.Abandoned(abandoned);
            if (await retired.Delete(options.Value.RetiredGrace, ct) is > 0 and var deleted)
                log.RetiredDeleted(deleted);
            await using var forget = database.CreateCommand("delete from pipeline_delays where minute < $1");
            forget.Parameters.AddWithValue((int)((clock.GetUtcNow() - DelaysKept).ToUnixTimeSeconds() / 60));
            await forget.ExecuteNonQueryAsync(ct);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            log.JanitorFailed(failure, Period);
        }
    }
}
