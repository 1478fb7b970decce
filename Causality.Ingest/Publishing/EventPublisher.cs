using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Causality.Contracts.Events;
using Causality.Ingest.Spooling;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Causality.Ingest.Publishing;

/// <summary>
/// Makes accepted events durable and tells each request whether they are: by the broker's confirm, or on disk where the broker is away, slow or
/// blocked. A large request is a message of its own, sent at once. Small ones share: each of a few loops takes what is waiting when it comes
/// by, lays it end to end, and publishes one message, so an idle host sends a single request without delay and a busy one sends few, full
/// messages. A request whose events fall in more hours, or are more bytes, than one message should hold becomes several messages, and is durable when all of them are.
/// A message that is not confirmed in time goes to the spool under the same id: it may arrive twice, and is stored once.
/// </summary>
internal sealed class EventPublisher(
    IEventBus bus, Spool spool, BrokerCircuit circuit, PublishedCounts counts, IOptions<IngestOptions> options, TimeProvider clock, IngestMetrics metrics,
    ILogger<EventPublisher> log) : IHostedService
{
    // a message that was neither confirmed by the deadline nor taken by the spool is given up after three
    private const int DeadlinesUntilGivenUp = 3;

    private readonly Channel<WaitingBatch> _waiting = Channel.CreateUnbounded<WaitingBatch>();
    private readonly IngestOptions _options = options.Value;
    private Task _loops = Task.CompletedTask;
    private long _bytes;
    private long _overflow;

    /// <summary>True once the events are durable; false when neither broker nor spool has taken them, or too much is waiting. Takes the batch over.</summary>
    public async Task<bool> Publish(CapturedBatch batch)
    {
        var bytes = batch.Events.Length;
        var parts = batch.Cut(_options.MessagePartitions, _options.MessageBytes);
        if (!Reserve(ref _bytes, bytes))
            return await Overflow(parts, bytes);
        if (parts.Count > 1)
            return await AllDurable(parts.Select(part => Send(part.Events, [part.Count])));
        if (batch.Events.Count >= _options.AloneEvents || bytes >= _options.AloneBytes)
            return await Send(batch.Events, [batch.Count]);
        var waiting = new WaitingBatch(batch);
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
        var (events, bytes, partitions) = (0, 0, new HashSet<(string, int)>());
        // what waits is smaller than a message of its own, so there is always room for one more when these hold
        while ((joined.Count == 0 || (events + _options.AloneEvents <= _options.MessageEvents && bytes + _options.AloneBytes <= _options.MessageBytes
                && partitions.Count + _options.AloneEvents <= _options.MessagePartitions))
            && _waiting.Reader.TryRead(out var waiting))
        {
            foreach (var hour in waiting.Batch.Hours)
                partitions.Add((waiting.Batch.AppId, hour));
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

    /// <summary>Makes one message durable whose bytes are reserved. The buffer goes back to the pool only when nobody can be reading it.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "whatever the bus threw, the events are not known to be durable")]
    private async Task<bool> Send(EventBatchWriter events, IReadOnlyList<AppHourCount> rows)
    {
        var messageId = Guid.CreateVersion7();
        // a spool that has content finds out by itself whether the broker is back
        var probe = circuit.IsOpen && spool.FindsNothingOut && circuit.TakeProbe();
        if (circuit.IsOpen && !probe)
            return await ToSpool(messageId, events, rows);

        var started = clock.GetTimestamp();
        var givenUp = new CancellationTokenSource(_options.PublishDeadline * DeadlinesUntilGivenUp, clock);
        Task? publish = null;
        using var flight = metrics.InFlight();
        try
        {
            publish = bus.Publish(new EventsAccepted(events.Written, new EventCounts(counts.Run, rows)), messageId, givenUp.Token);
            await publish.WaitAsync(_options.PublishDeadline, clock);
            counts.Add(counts.Run, rows);
            if (probe)
                circuit.Confirmed();
            metrics.Published(clock.GetElapsedTime(started), "confirmed");
            Interlocked.Add(ref _bytes, -events.Length);
            givenUp.Dispose();
            events.Dispose();
            return true;
        }
        catch (Exception e)
        {
            circuit.Failed(messageId, events.Count, e);
            metrics.Published(clock.GetElapsedTime(started), e is TimeoutException ? "overdue" : "failed");
        }
        // it may have arrived all the same, so it keeps its run: whichever copy comes first counts for it
        var spooled = await spool.Add(messageId, counts.Run, rows, events.Written);
        _ = AwaitOverdue(publish, messageId, events, rows, spooled, givenUp);
        return spooled;
    }

    private async Task<bool> ToSpool(Guid messageId, EventBatchWriter events, IReadOnlyList<AppHourCount> rows)
    {
        var spooled = await spool.Add(messageId, null, rows, events.Written);
        Interlocked.Add(ref _bytes, -events.Length);
        events.Dispose();
        return spooled;
    }

    // more waits for the broker than memory has room for: it is slow, though it may be there
    private async Task<bool> Overflow(IReadOnlyList<CapturedBatch> parts, int bytes)
    {
        var room = Reserve(ref _overflow, bytes);
        try
        {
            return room && await AllDurable(parts.Select(part => spool.Add(Guid.CreateVersion7(), null, [part.Count], part.Events.Written)));
        }
        finally
        {
            if (room)
                Interlocked.Add(ref _overflow, -bytes);
            foreach (var part in parts)
                part.Events.Dispose();
        }
    }

    // what a request is answered when it is more than one message: one that is not durable makes the client send all of it again, and the others are recognized by their ids or keys
    private static async Task<bool> AllDurable(IEnumerable<Task<bool>> messages) => (await Task.WhenAll(messages)).All(durable => durable);

    // the requests have been answered; a confirm that comes late is one that the books must know, unless the spool has told them
    [SuppressMessage("Design", "CA1031", Justification = "nobody waits for it any more")]
    private async Task AwaitOverdue(Task? publish, Guid messageId, EventBatchWriter events, IReadOnlyList<AppHourCount> rows, bool spooled, CancellationTokenSource givenUp)
    {
        try
        {
            if (spooled)
                await givenUp.CancelAsync();
            await (publish ?? Task.CompletedTask);
            if (!spooled && publish is not null)
            {
                counts.Add(counts.Run, rows);
                log.ConfirmedLate(messageId);
            }
        }
        catch (Exception e)
        {
            log.GivenUp(messageId, e);
        }
        finally
        {
            Interlocked.Add(ref _bytes, -events.Length);
            givenUp.Dispose();
        }
    }

    private bool Reserve(ref long reserved, int bytes)
    {
        if (Interlocked.Add(ref reserved, bytes) <= _options.WaitingBytes)
            return true;
        Interlocked.Add(ref reserved, -bytes);
        return false;
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
    [LoggerMessage(2100, LogLevel.Warning, "The broker did not confirm message {MessageId} with {Events} events; events go to the spool until it does")]
    public static partial void BrokerAway(this ILogger log, Guid messageId, int events, Exception error);

    [LoggerMessage(2101, LogLevel.Debug, "The broker did not confirm message {MessageId} with {Events} events: {Reason}")]
    public static partial void NotConfirmed(this ILogger log, Guid messageId, int events, string reason);

    [LoggerMessage(2105, LogLevel.Information, "The broker confirms messages again")]
    public static partial void BrokerBack(this ILogger log);

    [LoggerMessage(2102, LogLevel.Information, "The broker confirmed message {MessageId} after its requests were answered with 503")]
    public static partial void ConfirmedLate(this ILogger log, Guid messageId);

    [LoggerMessage(2103, LogLevel.Debug, "Message {MessageId} was given up without a confirm")]
    public static partial void GivenUp(this ILogger log, Guid messageId, Exception error);

    [LoggerMessage(2106, LogLevel.Warning, "The broker blocks publishing ({Reason}); events go to the spool until it does not")]
    public static partial void BrokerBlocked(this ILogger log, string reason);

    [LoggerMessage(2107, LogLevel.Information, "The broker does not block publishing any more")]
    public static partial void BrokerUnblocked(this ILogger log);

    [LoggerMessage(2104, LogLevel.Warning, "The counts of published events could not be saved; they are kept and saved later")]
    public static partial void CountsNotSaved(this ILogger log, Exception error);
}
