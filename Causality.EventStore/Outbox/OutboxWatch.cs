using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Causality.EventStore.Outbox;

/// <summary>Looks how much waits and for how long, and forgets consumed messages that are old enough never to come again.</summary>
internal sealed class OutboxWatch(NpgsqlDataSource database, OutboxMetrics metrics, IOptions<OutboxOptions> options, TimeProvider clock, ILogger<OutboxWatch> log) : BackgroundService
{
    private const int ForgottenAtOnce = 5_000;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(15), ForgetEvery = TimeSpan.FromMinutes(10);

    /// <summary>What somebody should look at; null when nothing is.</summary>
    public string? Problem
    {
        get
        {
            var (depth, alarm) = (metrics.Depth, options.Value.AlarmAge);
            if (depth is not null && metrics.Age(depth.Oldest) is var age && age > alarm)
                return string.Create(CultureInfo.InvariantCulture,
                    $"{depth.Messages} messages wait in the outbox, the oldest for {age:d\\.hh\\:mm\\:ss}; {depth.Failing} were refused{(depth.LastError is null ? "" : $", the oldest because: {depth.LastError}")}");
            if (depth is not null && metrics.Age(depth.Overdue) is var late && late > alarm)
                return $"a scheduled message is overdue by {late:d\\.hh\\:mm\\:ss}";
            return null;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "the loop outlives whatever the database does")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var forgotten = clock.GetTimestamp();
        using var timer = new PeriodicTimer(LookEvery, clock);
        try
        {
            do
            {
                try
                {
                    metrics.Depth = await Measure(stoppingToken);
                    if (clock.GetElapsedTime(forgotten) < ForgetEvery)
                        continue;
                    await Forget(stoppingToken);
                    forgotten = clock.GetTimestamp();
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    log.OutboxNotMeasured(e);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    internal async Task<OutboxDepth> Measure(CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            """
            select o.messages, o.failing, o.oldest, (select last_error from outbox where attempts > 0 order by sequence limit 1), s.messages, s.overdue
            from (select count(*) as messages, count(*) filter (where attempts > 0) as failing, min(created_at) as oldest from outbox) o,
                (select count(*) as messages, min(due_at) as overdue from scheduled_messages) s
            """);
        await using var rows = await select.ExecuteReaderAsync(ct);
        await rows.ReadAsync(ct);
        DateTimeOffset? Time(int column) => rows.IsDBNull(column) ? null : rows.GetFieldValue<DateTimeOffset>(column);
        return new OutboxDepth(rows.GetInt64(0), rows.GetInt64(1), Time(2), rows.IsDBNull(3) ? null : rows.GetString(3), rows.GetInt64(4), Time(5));
    }

    /// <summary>Deletes old rows of the inbox, some thousands in each transaction.</summary>
    internal async Task<int> Forget(CancellationToken ct)
    {
        for (var forgotten = 0; ;)
        {
            await using var delete = database.CreateCommand(
                "delete from inbox where ctid = any(array(select ctid from inbox where consumed_at < $1 order by consumed_at limit $2 for update skip locked))");
            delete.Parameters.Add(new() { Value = clock.GetUtcNow() - options.Value.InboxRetention });
            delete.Parameters.Add(new() { Value = ForgottenAtOnce });
            var deleted = await delete.ExecuteNonQueryAsync(ct);
            forgotten += deleted;
            if (deleted < ForgottenAtOnce)
                return forgotten;
        }
    }
}
