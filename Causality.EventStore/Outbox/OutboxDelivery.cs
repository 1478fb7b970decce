using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using MassTransit;
using MassTransit.Monitoring;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Causality.EventStore.Outbox;

/// <summary>
/// Brings what waits in the outbox to the broker, in the order of each lane, together with the other hosts: whoever has a partition's lock
/// delivers it. A message is deleted after the broker's confirm, in the transaction that holds the lock; a host that dies between the two
/// leaves it to the next, which sends it again. One that fails holds back its own lane alone, and is tried until it goes.
/// </summary>
internal sealed class OutboxDelivery(
    NpgsqlDataSource database, IBusControl bus, OutboxSignal signal, OutboxMetrics metrics, IOutboxFailPoint failPoint, IOptions<OutboxOptions> options,
    TimeProvider clock, ILogger<OutboxDelivery> log) : BackgroundService
{
    // a batch may last for its deadline and the time to settle it; who holds a partition in silence for longer is gone
    private const int DeadlinesUntilSilent = 3;

    private readonly OutboxOptions _options = options.Value;
    private readonly BrokerSend _broker = new(bus, clock);
    private readonly Task[] _partitions = [.. Enumerable.Repeat(Task.CompletedTask, OutboxTable.Partitions)];
    private readonly int[] _wanted = new int[OutboxTable.Partitions];   // how often each was found ready since it was last idle

    // every attempt would count against its message
    private bool BrokerAway => bus.CheckHealth().Status == BusHealthStatus.Unhealthy;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var free = new SemaphoreSlim(_options.Parallel);
        try
        {
            for (; ; await signal.Wait(_options.PollInterval, stoppingToken))
                await Look(free, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            await Task.WhenAll(_partitions);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "the loop outlives whatever the database does")]
    private async Task Look(SemaphoreSlim free, CancellationToken ct)
    {
        try
        {
            if (BrokerAway)
                return;
            foreach (var partition in await OutboxTable.Ready(database, clock.GetUtcNow(), ct))
                if (Interlocked.Increment(ref _wanted[partition]) == 1)
                    _partitions[partition] = Task.Run(() => DrainWhileWanted(partition, free, ct), CancellationToken.None);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            log.OutboxAway(e);
        }
    }

    // what comes while the partition is being left has missed its last look
    private async Task DrainWhileWanted(short partition, SemaphoreSlim free, CancellationToken ct)
    {
        int wanted;
        do
        {
            wanted = Volatile.Read(ref _wanted[partition]);
            await Drain(partition, free, ct);
        }
        while (Interlocked.CompareExchange(ref _wanted[partition], 0, wanted) != wanted);
    }

    [SuppressMessage("Design", "CA1031", Justification = "the partition is looked at again at the next poll")]
    private async Task Drain(short partition, SemaphoreSlim free, CancellationToken ct)
    {
        try
        {
            await free.WaitAsync(ct);
            try
            {
                while (!ct.IsCancellationRequested && !BrokerAway && await DeliverBatch(partition, ct))
                {
                }
            }
            finally
            {
                free.Release();
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            log.OutboxAway(e);
        }
    }

    /// <summary>True when there may be more to deliver now.</summary>
    private async Task<bool> DeliverBatch(short partition, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        if (!await OutboxTable.TryLock(connection, partition, _options.PublishDeadline * DeadlinesUntilSilent, ct))
            return false;
        var messages = await OutboxTable.Take(connection, partition, clock.GetUtcNow(), _options.BatchMessages, ct);
        if (messages.Count == 0)
            return false;
        failPoint.At(OutboxStep.Taken);

        var outcome = new Outcome();
        var began = clock.GetTimestamp();
        await Task.WhenAll(messages.GroupBy(m => m.Lane).Select(lane => SendInOrder(lane, outcome, began, ct)));
        failPoint.At(OutboxStep.Published);

        // what was sent is settled even when the host is told to stop
        await OutboxTable.Settle(connection, [.. outcome.Delivered], [.. outcome.Failed], CancellationToken.None);
        failPoint.At(OutboxStep.Deleted);
        await transaction.CommitAsync(CancellationToken.None);
        failPoint.At(OutboxStep.Delivered);
        metrics.Delivered(outcome.Delivered.Count, outcome.Failed.Count);
        // also when all of them failed: they wait for their next attempt now, and others behind them need not
        return !outcome.Delivered.IsEmpty || messages.Count == _options.BatchMessages;
    }

    [SuppressMessage("Design", "CA1031", Justification = "whatever the bus threw, the message is kept and tried again")]
    private async Task SendInOrder(IEnumerable<WaitingMessage> lane, Outcome outcome, long began, CancellationToken ct)
    {
        foreach (var message in lane)
        {
            var left = _options.PublishDeadline - clock.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || ct.IsCancellationRequested)
                return;
            try
            {
                // one that has begun is awaited even when the host is told to stop: it will be there, and sent twice for nothing
                await _broker.Send(message, left, CancellationToken.None);
                outcome.Delivered.Add(message);
            }
            catch (Exception e)
            {
                var attempt = message.Attempts + 1;
                outcome.Failed.Add((message, e.Message, clock.GetUtcNow() + Pause(attempt)));
                log.NotDelivered(message.Id, message.Destination, attempt, message.Lane, e);
                return;
            }
        }
    }

    private TimeSpan Pause(int attempt) =>
        TimeSpan.FromTicks((long)Math.Min(_options.MaxRetryDelay.Ticks, _options.RetryDelay.Ticks * Math.Pow(2, Math.Min(attempt - 1, 40))));

    private sealed class Outcome
    {
        public ConcurrentBag<WaitingMessage> Delivered { get; } = [];

        public ConcurrentBag<(WaitingMessage Message, string Error, DateTimeOffset Next)> Failed { get; } = [];
    }
}

internal static partial class OutboxLog
{
    [LoggerMessage(4001, LogLevel.Warning, "Message {MessageId} to {Destination} could not be delivered, attempt {Attempt}; it is tried again, and lane {Lane} waits for it")]
    public static partial void NotDelivered(this ILogger log, Guid messageId, string destination, int attempt, string lane, Exception error);

    [LoggerMessage(4002, LogLevel.Warning, "The outbox cannot be worked on; it is tried again")]
    public static partial void OutboxAway(this ILogger log, Exception error);

    [LoggerMessage(4003, LogLevel.Warning, "Scheduled messages cannot be looked at; it is tried again")]
    public static partial void ScheduleAway(this ILogger log, Exception error);

    [LoggerMessage(4004, LogLevel.Warning, "The outbox could not be measured, or the inbox not tidied; it is tried again")]
    public static partial void OutboxNotMeasured(this ILogger log, Exception error);
}
