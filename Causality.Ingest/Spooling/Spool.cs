using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Causality.Contracts;
using Causality.Contracts.Events;
using Causality.Ingest.Publishing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace Causality.Ingest.Spooling;

/// <summary>
/// Messages on this host's disk until the broker has them. One writer takes all that waits, writes it behind each other and syncs once, so many
/// requests share an fsync. What cannot be written is refused, and leaves nothing behind that would be read; the next append tries again. A
/// record counts in the books from the moment at which it is durable: under the run with which its message was published before, else
/// under the run of its segment, so that the counts of a host that dies can be read from its segments again.
/// </summary>
internal sealed class Spool(
    PublishedCounts counts, IFailPoint failPoint, IOptions<IngestOptions> options, TimeProvider clock, SpoolMetrics metrics, ILogger<Spool> log) : IHostedService, IDisposable
{
    private const int GroupRecords = 512;
    private const int GroupBytes = 8 * 1024 * 1024;

    private readonly SpoolOptions _options = options.Value.Spool;
    private readonly Channel<Append> _waiting = Channel.CreateUnbounded<Append>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _gate = new();   // segments and their figures
    private readonly Lock _writing = new();   // the open segment; taken before the other
    private readonly List<SpoolSegment> _segments = [];   // oldest first
    private readonly SemaphoreSlim _content = new(0, 1);
    private SpoolFolder? _folder;
    private (SpoolSegment Segment, SafeFileHandle File)? _open;
    private Task _writer = Task.CompletedTask;
    private volatile bool _refusing;

    private sealed record Append(Guid MessageId, Guid? Run, IReadOnlyList<AppHourCount> Rows, ReadOnlyMemory<byte> Batch, TaskCompletionSource<bool> Answer);

    /// <summary>True once the message is durable; false when there is no room for it, or the disk fails. The batch must not change until then.</summary>
    /// <param name="run">The run with which the message has been published already; null when it has not been.</param>
    public Task<bool> Add(Guid messageId, Guid? run, IReadOnlyList<AppHourCount> rows, ReadOnlyMemory<byte> batch)
    {
        var append = new Append(messageId, run, rows, batch, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!_waiting.Writer.TryWrite(append))
            append.Answer.SetResult(false);   // the host has stopped
        return append.Answer.Task;
    }

    public SpoolFigures Figures
    {
        get
        {
            lock (_gate)
                return new SpoolFigures(_segments.Sum(s => s.End), _segments.Sum(s => s.Events), _options.MaxBytes,
                    _segments is [] ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Max(0, (clock.GetUtcNow() - _segments[0].Oldest).Ticks)));
        }
    }

    /// <summary>Whether it has room, and its disk has not failed the last time.</summary>
    public bool Takes
    {
        get
        {
            try
            {
                return !_refusing && Lacking(1) is null;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    /// <summary>Whether no spooled message is going to show that the broker is back: there is none, or the disk is in trouble.</summary>
    public bool FindsNothingOut => _refusing || IsEmpty;

    private bool IsEmpty
    {
        get
        {
            lock (_gate)
                return _segments.Count == 0;
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _folder = SpoolFolder.Open(_options.Folder is { Length: > 0 } folder ? folder : throw new IOException("it is not set"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OptionsValidationException(IngestOptions.Section, typeof(IngestOptions), [$"Spool:Folder {_options.Folder} cannot be written: {e.Message}"]);
        }
        metrics.Watch(this);
        _writer = Task.Run(Write, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Writes what waits; takes no more.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        await _writer.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _open?.File.Dispose();
        _folder?.Dispose();
        _content.Dispose();
    }

    /// <summary>Takes over what hosts that are gone have left, and counts it in the books once more: idempotent, since their runs are theirs.</summary>
    public void TakeOver()
    {
        foreach (var path in _folder!.TakeOver(clock.GetUtcNow()))
        {
            failPoint.At(SpoolStep.SegmentTaken);
            if (SpoolSegment.Left(path) is not { } segment)
                continue;
            using (var reader = new SegmentReader(path))
            {
                var totals = new Dictionary<Guid, List<AppHourCount>>();
                foreach (var entry in reader.All(segment.End).Where(entry => entry.Record is not null))
                {
                    var record = entry.Record!;
                    if (!totals.TryGetValue(record.Counts.Run, out var rows))
                        totals[record.Counts.Run] = rows = [];
                    rows.AddRange(record.Counts.Rows);
                    if (entry.From >= segment.Position)
                        segment.Events += record.Events;
                }
                foreach (var (run, rows) in totals)
                    counts.AtLeast(run, rows);
            }
            log.TakenOver(path, segment.End, segment.Events);
            lock (_gate)
            {
                _segments.Add(segment);
                _segments.Sort((a, b) => string.CompareOrdinal(Path.GetFileName(a.Path), Path.GetFileName(b.Path)));
            }
            SignalContent();
        }
    }

    /// <summary>The oldest segment, as soon as there is one; null when there is none within the time.</summary>
    public async Task<SpoolSegment?> Front(TimeSpan within, CancellationToken ct)
    {
        if (IsEmpty)
            await _content.WaitAsync(within, ct);
        lock (_gate)
            return _segments is [var front, ..] ? front : null;
    }

    /// <summary>How far a segment may be read now.</summary>
    public long EndOf(SpoolSegment segment)
    {
        lock (_gate)
            return segment.End;
    }

    public void Advance(SpoolSegment segment, long position, long events, DateTimeOffset? madeAt)
    {
        lock (_gate)
            segment.Advance(position, events, madeAt);
    }

    /// <summary>Removes a segment that is drained; false when something has been appended to it meanwhile.</summary>
    public bool Remove(SpoolSegment segment)
    {
        lock (_writing)
        {
            if (segment.Position < segment.End)
                return false;
            if (_open?.Segment == segment)
                Seal();
            if (segment.Damaged > 0)
                log.KeptAside(_folder!.KeepAside(segment), segment.Damaged);
            else
                File.Delete(segment.Path);
            lock (_gate)
                _segments.Remove(segment);
            failPoint.At(SpoolStep.SegmentRemoved);
            File.Delete(SpoolSegment.PositionOf(segment.Path));
            _folder!.Sync();
            return true;
        }
    }

    private async Task Write()
    {
        var group = new List<Append>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            group.Clear();
            for (long bytes = 0; bytes < GroupBytes && group.Count < GroupRecords && _waiting.Reader.TryRead(out var append); bytes += append.Batch.Length)
                group.Add(append);
            var durable = Write(group);
            foreach (var append in group)
                append.Answer.SetResult(durable);
            if (durable)
                SignalContent();
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "whatever the disk threw, the group is not durable and is refused; the next one tries again")]
    private bool Write(List<Append> group)
    {
        lock (_writing)
        {
            try
            {
                if (Lacking(group.Sum(append => (long)append.Batch.Length)) is { } lacking)
                    return Refuse(group.Count, lacking, null);
                var (segment, file) = Open();
                List<SpoolRecord> records = [.. group.Select(append => new SpoolRecord(append.MessageId, new EventCounts(append.Run ?? segment.Id, append.Rows), append.Batch))];
                ReadOnlyMemory<byte>[] pieces = [.. records.SelectMany(record => new ReadOnlyMemory<byte>[] { record.Front(), record.Batch })];
                RandomAccess.Write(file, pieces, segment.End);
                failPoint.At(SpoolStep.Appended);
                var started = clock.GetTimestamp();
                RandomAccess.FlushToDisk(file);
                if (segment.End == 0)
                    _folder!.Sync();
                metrics.Synced(clock.GetElapsedTime(started), group.Count);
                failPoint.At(SpoolStep.Synced);
                var events = records.Sum(record => record.Events);
                foreach (var record in records)
                    counts.Add(record.Counts.Run, record.Counts.Rows);
                lock (_gate)
                {
                    if (segment.End == 0)
                        _segments.Add(segment);
                    segment.End += pieces.Sum(piece => (long)piece.Length);
                    segment.Events += events;
                }
                metrics.Spooled(events);
                if (_refusing)
                    log.TakesAgain();
                _refusing = false;
                return true;
            }
            catch (Exception e)
            {
                Abandon();
                return Refuse(group.Count, e.Message, e);
            }
        }
    }

    private string? Lacking(long bytes)
    {
        long held;
        lock (_gate)
            held = _segments.Sum(segment => segment.End);
        if (held + bytes > _options.MaxBytes)
            return $"it holds {held} bytes, of at most {_options.MaxBytes}";
        var free = new DriveInfo(_folder!.Path).AvailableFreeSpace;
        return free - bytes < _options.MinFreeBytes ? $"its disk has {free} bytes left, of which {_options.MinFreeBytes} are to stay free" : null;
    }

    private bool Refuse(int messages, string why, Exception? error)
    {
        if (!_refusing)
            log.Refuses(why, error);
        _refusing = true;
        metrics.Refused(messages);
        return false;
    }

    private (SpoolSegment Segment, SafeFileHandle File) Open()
    {
        if (_open is { } open && open.Segment.End < _options.SegmentBytes)
            return open;
        Seal();
        var segment = SpoolSegment.New(_folder!.Path);
        var file = File.OpenHandle(segment.Path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        _open = (segment, file);
        failPoint.At(SpoolStep.SegmentCreated);
        return _open.Value;
    }

    private void Seal()
    {
        if (_open is not { } open)
            return;
        open.File.Dispose();
        open.Segment.Sealed = true;
        _open = null;
    }

    // after a failed write or sync nobody knows what the file holds behind its last durable record: it is cut there and not written to again
    [SuppressMessage("Design", "CA1031", Justification = "the disk is failing: what could not be cut off is at worst published though it was refused, which a refusal allows for")]
    private void Abandon()
    {
        if (_open is not { } open)
            return;
        try
        {
            RandomAccess.SetLength(open.File, open.Segment.End);
            Seal();
            if (open.Segment.End == 0)
                File.Delete(open.Segment.Path);
        }
        catch (Exception e)
        {
            log.NotCut(open.Segment.Path, e);
            Seal();
        }
    }

    private void SignalContent()
    {
        lock (_gate)
            if (_content.CurrentCount == 0)
                _content.Release();
    }
}

/// <summary>What a spool holds, in bytes, events and the age of its oldest, and how many bytes make it full.</summary>
internal sealed record SpoolFigures(long Bytes, long Events, long FullBytes, TimeSpan OldestAge);
