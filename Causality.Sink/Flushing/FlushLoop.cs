using System.Diagnostics;
using Causality.Sink.DeadLetters;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Causality.Sink.Flushing;

/// <summary>
/// Closes the open flush by events, bytes, partitions or time, and runs it until it succeeds: trouble with the database or the
/// store is waited out with the messages in hand, so nothing is counted against them. On SIGTERM what is open is flushed at once.
/// </summary>
internal sealed class FlushLoop(OpenFlush open, Flush flush, KeyWindow keys, NpgsqlDataSource database, IOptions<SinkOptions> options, SinkHealth health, SinkMetrics metrics, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<FlushLoop> log)
    : BackgroundService
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    private readonly SinkOptions _options = options.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.Begin();
        try
        {
            while (await open.Messages.WaitToReadAsync(stoppingToken))
            {
                var messages = await Collect(stoppingToken);
                await FlushUntilDone(messages, stoppingToken);
                foreach (var message in messages)
                    message.Committed.SetResult();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // who still waits is not acknowledged, and comes again
        }
    }

    private async Task<List<Waiting>> Collect(CancellationToken ct)
    {
        var messages = new List<Waiting>();
        var partitions = new HashSet<(string, int)>();
        var (events, bytes) = (0, 0L);
        while (true)
        {
            while (open.Messages.TryPeek(out var next))
            {
                var together = partitions.Count + next.Partitions.Count(p => !partitions.Contains(p));
                if (messages.Count > 0 && (bytes + next.Bytes > _options.FlushBytes || together > _options.FlushPartitions))
                    return messages;
                open.Messages.TryRead(out _);
                messages.Add(next);
                bytes += next.Bytes;
                events += next.Events.Count;
                partitions.UnionWith(next.Partitions);
                if (events >= _options.FlushEvents)
                    return messages;
            }
            if (open.Held >= _options.Prefetch || lifetime.ApplicationStopping.IsCancellationRequested)
                return messages;   // the broker sends no more before some of these are acknowledged
            var busyFor = _options.BusyInterval - clock.GetElapsedTime(messages[0].JoinedAt);
            if (busyFor <= TimeSpan.Zero || (!await MoreWithin(Min(_options.Quiet, busyFor), ct) && clock.GetElapsedTime(messages[0].JoinedAt) >= _options.QuietInterval))
                return messages;
        }
    }

    private async Task<bool> MoreWithin(TimeSpan time, CancellationToken ct)
    {
        using var timer = new CancellationTokenSource(time, clock);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, ct, lifetime.ApplicationStopping);
        try
        {
            return await open.Messages.WaitToReadAsync(any.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task FlushUntilDone(List<Waiting> messages, CancellationToken ct)
    {
        for (var delay = TimeSpan.FromMilliseconds(200); ; delay = Min(delay * 2, LongestDelay))
        {
            var started = Stopwatch.GetTimestamp();
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
            deadline.CancelAfter(_options.Deadline);
            using var trace = SinkTraces.Flush(messages);
            try
            {
                await keys.Rotate(deadline.Token);
                var result = await flush.Run(messages, deadline.Token);
                health.Flushed();
                metrics.Flushed(result, Stopwatch.GetElapsedTime(started), clock.GetElapsedTime(messages[0].JoinedAt));
                log.Stored(result.Stored, result.Files, result.Duplicates, result.Dead, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                return;
            }
            catch (PostgresException refused) when (IsOfData(refused))
            {
                await Part(messages, refused, ct);
                return;
            }
            catch (Exception failure) when (!ct.IsCancellationRequested)
            {
                trace.Failed(failure);
                health.Failed(failure.Message);
                metrics.Failed();
                log.FlushFailed(failure, messages.Count, delay);
                await Task.Delay(delay, clock, ct);
            }
        }
    }

    /// <summary>Values that the database refuses are no trouble that passes: the messages are halved until the one that holds them stands alone, and it goes dead.</summary>
    private async Task Part(List<Waiting> messages, PostgresException refused, CancellationToken ct)
    {
        if (messages is [var culprit])
        {
            var letter = DeadLetter.Whole(culprit.MessageId, culprit.Message, "The database refuses it.", refused.MessageText);
            log.WentDead(await DeadLetterTable.Bury(database, letter, ct), $"{letter.Reason} {letter.Detail}");
            return;
        }
        await FlushUntilDone(messages[..(messages.Count / 2)], ct);
        await FlushUntilDone(messages[(messages.Count / 2)..], ct);
    }

    // SQLSTATE classes 22 (data exception), 23 (constraint), 54 (limit exceeded)
    private static bool IsOfData(PostgresException exception) => exception.SqlState[..2] is "22" or "23" or "54";

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
