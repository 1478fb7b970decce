using System.Diagnostics.CodeAnalysis;
using Causality.EventStore.Outbox;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Causality.EventStore.Scheduling;

/// <summary>
/// Moves scheduled messages to the outbox when they are due; late ones at once. It sleeps until the next is due, and looks from time to time
/// for what other hosts have scheduled, since they may be gone by then.
/// </summary>
internal sealed class DueMessages(
    NpgsqlDataSource database, ScheduleSignal scheduled, OutboxSignal outbox, OutboxMetrics metrics, IOutboxFailPoint failPoint, IOptions<OutboxOptions> options,
    TimeProvider clock, ILogger<DueMessages> log) : BackgroundService
{
    private const int MovedAtOnce = 500;

    // what another host is just moving still looks due
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
                await scheduled.Wait(await Move(stoppingToken), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Answers how long to sleep.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "the loop outlives whatever the database does")]
    private async Task<TimeSpan> Move(CancellationToken ct)
    {
        try
        {
            var (moved, next) = await OutboxTable.MoveDue(database, clock.GetUtcNow(), MovedAtOnce, ct);
            if (moved > 0)
            {
                failPoint.At(OutboxStep.DueMoved);
                metrics.Moved(moved);
                outbox.Set();
            }
            var left = next - clock.GetUtcNow();
            return left is null || left > options.Value.ScheduleInterval ? options.Value.ScheduleInterval : left.Value > Shortest ? left.Value : Shortest;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            log.ScheduleAway(e);
            return options.Value.ScheduleInterval;
        }
    }
}
