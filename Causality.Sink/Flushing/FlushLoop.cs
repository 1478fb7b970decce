using System.Diagnostics;
using Causality.Sink.DeadLetters;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Causality.Sink.Flushing;

/// <summary>
/// Closes the open flush by events, bytes, partitions or time, and runs it until it succeeds: trouble with the database or the
/// store is waited out with the messages in hand, so nothing is counted against them. While one flush commits the next is prepared.
/// On SIGTERM what is open is flushed at once.
/// </summary>
internal sealed class FlushLoop(OpenFlush open, Flush flush, FlushThread thread, NpgsqlDataSource database, IOptions<SinkOptions> options, SinkHealth health, SinkMetrics metrics, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<FlushLoop> log)
    : BackgroundService
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    private readonly SinkOptions _options = options.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.Begin();
        try
        {
            var (before, committed) = (default(PreparedFlush), Task.CompletedTask);
            while (true)
            {
                var more = open.Messages.WaitToReadAsync(stoppingToken).AsTask();
                if (await Task.WhenAny(more, committed) == committed)
                {
                    await committed;   // what failed for good is not left unseen until a message comes
                    before = null;
                }
                await more;
                var next = new Attempt(await Collect(stoppingToken));
                await Prepare(next, before, stoppingToken);
                await committed;
                (before, committed) = (next.Prepared, CommitAndAcknowledge(next, stoppingToken));
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
                events += next.Count;
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

    // The first time it is prepared while the flush before it may still commit, and so compared with that one too.
    private Task Prepare(Attempt attempt, PreparedFlush? before, CancellationToken ct) =>
        UntilDone(attempt, async deadline => attempt.Prepared = await thread.Run(() => flush.Prepare(attempt.Messages, before, deadline), deadline), ct);

    private async Task CommitAndAcknowledge(Attempt attempt, CancellationToken ct)
    {
        await Commit(attempt, ct);
        foreach (var message in attempt.Messages)
            message.Committed.SetResult();
    }

    private async Task Commit(Attempt attempt, CancellationToken ct)
    {
        FlushResult? result = null;
        while (result is null && !attempt.Parted)
        {
            try
            {
                await UntilDone(attempt, async deadline => result = await flush.Commit(attempt.Prepared!, deadline), ct);
            }
            catch (OutdatedFlushException outdated)
            {
                log.Outdated(outdated.Message);
                await Prepare(attempt, null, ct);
            }
        }
        attempt.Trace?.Dispose();
        health.Flushed(attempt);
        if (result is null)
            return;
        metrics.Flushed(result, Stopwatch.GetElapsedTime(attempt.Begun), clock.GetElapsedTime(attempt.Messages[0].JoinedAt));
        log.Stored(result.Stored, result.Files, result.Duplicates, result.Dead, (long)Stopwatch.GetElapsedTime(attempt.Begun).TotalMilliseconds);
    }

    private async Task UntilDone(Attempt attempt, Func<CancellationToken, Task> step, CancellationToken ct)
    {
        for (var delay = TimeSpan.FromMilliseconds(200); !attempt.Parted; delay = Min(delay * 2, LongestDelay))
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
            deadline.CancelAfter(_options.Deadline);
            Activity.Current = attempt.Trace ??= SinkTraces.Flush(attempt.Messages);
            try
            {
                await step(deadline.Token);
                return;
            }
            catch (PostgresException refused) when (IsOfData(refused))
            {
                await Part(attempt, refused, ct);
            }
            catch (Exception failure) when (failure is not OutdatedFlushException && !ct.IsCancellationRequested)
            {
                await WaitAfter(failure, attempt, delay, ct);
            }
        }
    }

    private async Task WaitAfter(Exception failure, Attempt attempt, TimeSpan delay, CancellationToken ct)
    {
        attempt.Trace?.Failed(failure);
        attempt.Trace?.Dispose();
        attempt.Trace = null;
        health.Failed(attempt, failure.Message);
        metrics.Failed();
        log.FlushFailed(failure, attempt.Messages.Count, delay);
        await Task.Delay(delay, clock, ct);
    }

    /// <summary>Values that the database refuses are no trouble that passes: the messages are halved until the one that holds them stands alone, and it goes dead.</summary>
    private async Task Part(Attempt attempt, PostgresException refused, CancellationToken ct)
    {
        attempt.Parted = true;
        if (attempt.Messages is [var culprit])
        {
            await Bury(attempt, DeadLetter.Whole(culprit.MessageId, culprit.Message, "The database refuses it.", refused.MessageText), ct);
            return;
        }
        var half = attempt.Messages.Count / 2;
        foreach (var messages in new[] { attempt.Messages[..half], attempt.Messages[half..] })
        {
            var part = new Attempt(messages);
            await Prepare(part, null, ct);
            await Commit(part, ct);
        }
    }

    private async Task Bury(Attempt attempt, DeadLetter letter, CancellationToken ct)
    {
        for (var delay = TimeSpan.FromMilliseconds(200); ; delay = Min(delay * 2, LongestDelay))
            try
            {
                log.WentDead(await DeadLetterTable.Bury(database, letter, ct), $"{letter.Reason} {letter.Detail}");
                health.Flushed(attempt);
                return;
            }
            catch (Exception failure) when (!ct.IsCancellationRequested)
            {
                await WaitAfter(failure, attempt, delay, ct);
            }
    }

    // SQLSTATE classes 22 (data exception), 23 (constraint), 54 (limit exceeded)
    private static bool IsOfData(PostgresException exception) => exception.SqlState[..2] is "22" or "23" or "54";

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>Messages on their way through both steps of a flush.</summary>
    private sealed class Attempt(List<Waiting> messages)
    {
        public List<Waiting> Messages { get; } = messages;

        public long Begun { get; } = Stopwatch.GetTimestamp();

        public PreparedFlush? Prepared { get; set; }

        /// <summary>The database refused a value among them: they were stored, or buried, in parts.</summary>
        public bool Parted { get; set; }

        public Activity? Trace { get; set; }
    }
}
