using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.Sink.DeadLetters;

/// <summary>Counts the dead events that nobody has decided on, and says so once when they become too many.</summary>
internal sealed class WatchDeadLetters(NpgsqlDataSource database, DeadLetterDepth depth, TimeProvider clock, ILogger<WatchDeadLetters> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);
    private bool _warned;

    [SuppressMessage("Design", "CA1031", Justification = "the loop outlives whatever the database does")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        try
        {
            do
            {
                try
                {
                    await Count(stoppingToken);
                }
                catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
                {
                    log.DeadNotCounted(failure, LookEvery);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    internal async Task Count(CancellationToken ct)
    {
        await using var sum = database.CreateCommand("select coalesce(sum(events), 0) from dead_letters where state = 'open'");
        var events = Convert.ToInt64(await sum.ExecuteScalarAsync(ct), CultureInfo.InvariantCulture);
        depth.Events = events;
        if (depth.Warning is not null == _warned)
            return;
        _warned = !_warned;
        if (_warned)
            log.TooManyDead(events, depth.Threshold);
        else
            log.FewDeadAgain(events, depth.Threshold);
    }
}
