using System.Diagnostics.CodeAnalysis;
using Causality.Contracts;
using Causality.Contracts.Events;
using Causality.Ingest.Publishing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Causality.Ingest.Spooling;

/// <summary>
/// Publishes what is spooled, oldest first, a few messages at a time beside those of requests, and each under the id that it always had. While
/// the broker is away it tries one message again and again: the first that is confirmed tells requests that the broker is back. The position
/// moves behind what is confirmed, without gaps; what was confirmed beyond a position that was not saved is published twice, and stored once.
/// </summary>
internal sealed class SpoolDrain(
    Spool spool, IEventBus bus, BrokerCircuit circuit, IFailPoint failPoint, IOptions<IngestOptions> options, TimeProvider clock, SpoolMetrics metrics,
    ILogger<SpoolDrain> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1), TakeOverInterval = TimeSpan.FromSeconds(5), SaveInterval = TimeSpan.FromSeconds(1);
    private readonly IngestOptions _options = options.Value;
    private bool _failing;

    private sealed record Sent(SegmentEntry Entry, Task Confirmed)
    {
        public long Bytes => Entry.To - Entry.From;
    }

    [SuppressMessage("Design", "CA1031", Justification = "whatever went wrong, the segments are there still and are tried again")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();   // segments may be many: the host does not wait for them
        for (long? looked = null; !stoppingToken.IsCancellationRequested;)
            try
            {
                if (looked is not { } last || clock.GetElapsedTime(last) >= TakeOverInterval)
                {
                    spool.TakeOver();
                    looked = clock.GetTimestamp();
                }
                if (await spool.Front(TakeOverInterval, stoppingToken) is { } segment)
                    await Drain(segment, stoppingToken);
                _failing = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (!_failing && !circuit.IsOpen)   // the circuit has said it already
                    log.NotDrained(e);
                _failing = true;
                await Task.Delay(Pause, clock, stoppingToken).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
    }

    /// <summary>Until the segment is drained and removed. Throws when a message is not confirmed.</summary>
    private async Task Drain(SpoolSegment segment, CancellationToken ct)
    {
        using var reader = new SegmentReader(segment.Path);
        var window = new Queue<Sent>();
        var (read, saved, savedAt) = (segment.Position, segment.Position, clock.GetTimestamp());
        try
        {
            do
            {
                Fill(window, reader, segment, ref read, ct);
                for (; window.TryPeek(out var first); Fill(window, reader, segment, ref read, ct))
                {
                    await first.Confirmed;
                    Confirmed(segment, window.Dequeue().Entry);
                    if (clock.GetElapsedTime(savedAt) >= SaveInterval)
                        (saved, savedAt) = (Save(segment), clock.GetTimestamp());
                }
                saved = Save(segment);
            }
            while (!spool.Remove(segment));
            log.Drained(segment.Path);
        }
        finally
        {
            await Task.WhenAll(window.Select(sent => sent.Confirmed)).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (segment.Position > saved && File.Exists(segment.Path))
                Save(segment);
        }
    }

    private void Fill(Queue<Sent> window, SegmentReader reader, SpoolSegment segment, ref long read, CancellationToken ct)
    {
        // one at a time while nobody knows whether the broker is there
        var messages = circuit.IsOpen ? 1 : _options.Spool.DrainMessages;
        while (window.Count < messages && (window.Count == 0 || window.Sum(sent => sent.Bytes) < _options.Spool.DrainBytes)
            && reader.Next(read, spool.EndOf(segment)) is { } entry)
        {
            window.Enqueue(new Sent(entry, entry.Record is { } record ? Publish(record, ct) : Task.CompletedTask));
            read = entry.To;
        }
    }

    private async Task Publish(SpoolRecord record, CancellationToken ct)
    {
        if (circuit.IsBlocked)
            throw new TimeoutException("the broker is blocked by an alarm");
        var probe = circuit.IsOpen;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            await bus.Publish(new EventsAccepted(record.Batch, record.Counts), record.MessageId, deadline.Token).WaitAsync(_options.PublishDeadline, clock, ct);
            if (probe)
                circuit.Confirmed();
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            circuit.Failed(record.MessageId, record.Events, e);
            throw;
        }
        finally
        {
            await deadline.CancelAsync();
        }
    }

    private void Confirmed(SpoolSegment segment, SegmentEntry entry)
    {
        if (entry.Record is { } record)
        {
            metrics.Drained(record.Events);
            failPoint.At(SpoolStep.Published);
        }
        // this process knows where its own writing ended: there, nothing is a write that was cut off
        else if (entry.Torn && !segment.Written)
            log.Torn(segment.Path, entry.From, entry.To);
        else
        {
            log.Damaged(segment.Path, entry.From, entry.To);
            metrics.Damaged();
            segment.Damaged += entry.To - entry.From;
        }
        spool.Advance(segment, entry.To, entry.Record?.Events ?? 0, entry.Record?.MadeAt);
    }

    private long Save(SpoolSegment segment)
    {
        segment.SavePosition();
        failPoint.At(SpoolStep.PositionSaved);
        return segment.Position;
    }
}
