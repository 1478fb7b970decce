using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Causality.Contracts.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Causality.Ingest.Publishing;

/// <summary>
/// Hands accepted events to the broker and tells each request whether they are durable. A large request is a message of its own, sent at once.
/// Small ones share: each of a few loops takes what is waiting when it comes by, lays it end to end, and publishes one message, so an idle
/// host sends a single request without delay and a busy one sends few, full messages. A request that is not confirmed in time is told so,
/// though its message may still arrive: the client sends it again, and its keys make the second copy harmless.
/// </summary>
internal sealed class EventPublisher(
    IEventBus bus, PublishedCounts counts, IOptions<IngestOptions> options, TimeProvider clock, IngestMetrics metrics, ILogger<EventPublisher> log) : IHostedService
{
    // a message that was not confirmed by the deadline is given up after three
    private const int DeadlinesUntilGivenUp = 3;

    private readonly Channel<WaitingBatch> _waiting = Channel.CreateUnbounded<WaitingBatch>();
    private readonly IngestOptions _options = options.Value;
    private Task _loops = Task.CompletedTask;
    private long _bytes;
    private int _overdue;
    private bool _away;

    /// <summary>True once the broker has confirmed the events; false when it has not in time, or too much is waiting already. Takes the batch over.</summary>
    public async Task<bool> Publish(CapturedBatch batch)
    {
        var bytes = batch.Events.Length;
        // with as many messages overdue as there are loops, the broker is away: no use in making more requests wait
        if (Volatile.Read(ref _overdue) >= _options.Publishers || !Reserve(bytes))
        {
            batch.Events.Dispose();
            return false;
        }
        if (batch.Events.Count >= _options.AloneEvents || bytes >= _options.AloneBytes)
            return await Send(batch.Events, [batch.Count]);
        var waiting = new WaitingBatch(batch, clock.GetTimestamp());
        if (!_waiting.Writer.TryWrite(waiting))
            Drop(waiting);
        return await waiting.Answered;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loops = Task.WhenAll(Enumerable.Range(0, _options.Publishers).Select(_ => Task.Run(Loop, CancellationToken.None)));
        return Task.CompletedTask;
    }

    /// <summary>Publishes what is waiting; takes no more.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        return _loops.WaitAsync(cancellationToken);
    }

    private async Task Loop()
    {
        var joined = new List<WaitingBatch>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            TakeWaiting(joined);
            if (joined.Count == 0)
                continue;
            var (events, rows) = Join(joined);
            var durable = await Send(events, rows);
            foreach (var waiting in joined)
                waiting.Answer(durable);
        }
    }

    private void TakeWaiting(List<WaitingBatch> joined)
    {
        joined.Clear();
        var (events, bytes) = (0, 0);
        // what waits is smaller than a message of its own, so there is always room for one more when these hold
        while ((joined.Count == 0 || (events + _options.AloneEvents <= _options.MessageEvents && bytes + _options.AloneBytes <= _options.MessageBytes))
            && _waiting.Reader.TryRead(out var waiting))
        {
            if (clock.GetElapsedTime(waiting.Since) >= _options.PublishDeadline)
            {
                Drop(waiting);
                continue;
            }
            joined.Add(waiting);
            events += waiting.Batch.Events.Count;
            bytes += waiting.Batch.Events.Length;
        }
    }

    private static (EventBatchWriter Events, List<AppHourCount> Rows) Join(List<WaitingBatch> joined)
    {
        var events = joined[0].Batch.Events;
        var rows = new List<AppHourCount>(1) { joined[0].Batch.Count };
        foreach (var waiting in joined.Skip(1))
        {
            var count = waiting.Batch.Count;
            var same = rows.FindIndex(row => row.Hour == count.Hour && row.AppId == count.AppId);
            if (same < 0)
                rows.Add(count);
            else
                rows[same] = rows[same] with { Events = rows[same].Events + count.Events };
            events.Append(waiting.Batch.Events.Written.Span, count.Events);
            waiting.Batch.Events.Dispose();
        }
        return (events, rows);
    }

    /// <summary>Publishes one message whose bytes are reserved. The buffer goes back to the pool only when the bus is surely done with it.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "whatever the bus threw, the events are not known to be durable")]
    private async Task<bool> Send(EventBatchWriter events, IReadOnlyList<AppHourCount> rows)
    {
        var messageId = Guid.CreateVersion7();
        var started = clock.GetTimestamp();
        var bytes = events.Length;
        var givenUp = new CancellationTokenSource(_options.PublishDeadline * DeadlinesUntilGivenUp, clock);
        Task? publish = null;
        using var flight = metrics.InFlight();
        try
        {
            publish = bus.Publish(new EventsAccepted(events.Written, new EventCounts(counts.Run, rows)), messageId, givenUp.Token);
            await publish.WaitAsync(_options.PublishDeadline, clock);
            counts.Add(rows);
            if (Interlocked.Exchange(ref _away, false))
                log.BrokerBack();
            metrics.Published(clock.GetElapsedTime(started), "confirmed");
            events.Dispose();
        }
        catch (TimeoutException e) when (publish is { IsCompleted: false })
        {
            LogAway(messageId, events.Count, e);
            metrics.Published(clock.GetElapsedTime(started), "overdue");
            Interlocked.Increment(ref _overdue);
            _ = AwaitOverdue(publish, messageId, rows, bytes, givenUp);
            return false;
        }
        catch (Exception e)
        {
            LogAway(messageId, events.Count, e);
            metrics.Published(clock.GetElapsedTime(started), "failed");
            Release(bytes, givenUp);
            return false;
        }
        Release(bytes, givenUp);
        return true;
    }

    // the requests have been answered; but a confirm that comes late is one that the books must know
    [SuppressMessage("Design", "CA1031", Justification = "nobody waits for it any more")]
    private async Task AwaitOverdue(Task publish, Guid messageId, IReadOnlyList<AppHourCount> rows, int bytes, CancellationTokenSource givenUp)
    {
        try
        {
            await publish;
            counts.Add(rows);
            log.ConfirmedLate(messageId);
        }
        catch (Exception e)
        {
            log.GivenUp(messageId, e);
        }
        finally
        {
            Interlocked.Decrement(ref _overdue);
            Release(bytes, givenUp);
        }
    }

    // once with all there is to know, for as long as it lasts
    private void LogAway(Guid messageId, int events, Exception error)
    {
        if (!Interlocked.Exchange(ref _away, true))
            log.BrokerAway(messageId, events, error);
        else
            log.NotConfirmed(messageId, events, error.Message);
    }

    private bool Reserve(int bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= _options.WaitingBytes)
            return true;
        Interlocked.Add(ref _bytes, -bytes);
        return false;
    }

    private void Release(int bytes, CancellationTokenSource givenUp)
    {
        Interlocked.Add(ref _bytes, -bytes);
        givenUp.Dispose();
    }

    private void Drop(WaitingBatch waiting)
    {
        Interlocked.Add(ref _bytes, -waiting.Batch.Events.Length);
        waiting.Batch.Events.Dispose();
        waiting.Answer(false);
    }
}

internal static partial class PublishingLog
{
    [LoggerMessage(2100, LogLevel.Warning, "The broker did not confirm message {MessageId} with {Events} events; requests are answered with 503 until it does")]
    public static partial void BrokerAway(this ILogger log, Guid messageId, int events, Exception error);

    [LoggerMessage(2101, LogLevel.Debug, "The broker did not confirm message {MessageId} with {Events} events: {Reason}")]
    public static partial void NotConfirmed(this ILogger log, Guid messageId, int events, string reason);

    [LoggerMessage(2105, LogLevel.Information, "The broker confirms messages again")]
    public static partial void BrokerBack(this ILogger log);

    [LoggerMessage(2102, LogLevel.Information, "The broker confirmed message {MessageId} after its requests were answered with 503")]
    public static partial void ConfirmedLate(this ILogger log, Guid messageId);

    [LoggerMessage(2103, LogLevel.Debug, "Message {MessageId} was given up without a confirm")]
    public static partial void GivenUp(this ILogger log, Guid messageId, Exception error);

    [LoggerMessage(2104, LogLevel.Warning, "The counts of published events could not be saved; they are kept and saved later")]
    public static partial void CountsNotSaved(this ILogger log, Exception error);
}
