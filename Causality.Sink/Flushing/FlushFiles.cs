using System.Diagnostics;
using Causality.Contracts;
using Causality.Contracts.Events;
using Causality.Lake.DuckDb;
using Causality.Lake.Files;
using Causality.Lake.Ledger;
using Causality.Lake.Writing;
using Causality.Sink.DeadLetters;

namespace Causality.Sink.Flushing;

/// <summary>Writes the files of a flush below <c>_pending/&lt;flush&gt;/</c>. An event that cannot be written is found, and goes dead alone.</summary>
internal sealed class FlushFiles(IObjectStore store, EventFileWriter writer, IFailPoint failPoint) : IDisposable
{
    private readonly SemaphoreSlim _alone = new(1);   // the writer has one caller at a time; a flush may be written again while the next is

    /// <summary>Writes and seals the events' files. What cannot be written moves from <paramref name="events"/> to <paramref name="dead"/>.</summary>
    public async Task<IReadOnlyList<LakeFile>> Write(Guid flush, List<FlushEvent> events, List<DeadLetter> dead, CancellationToken ct)
    {
        if (events.Count == 0)
            return [];
        using var write = SinkTraces.Part("flush write");
        await _alone.WaitAsync(ct);
        try
        {
            var written = WriteAll(flush, events, dead, ct);
            failPoint.At(FlushStep.FilesWritten);
            var prefix = Publication.Pending(flush);
            var bounds = events.AggregateBy(e => (e.AppId, e.Hour), EventSpan.None, (span, e) => span.With(e)).ToDictionary();
            var files = written.Select(w => new LakeFile($"events/{Path.ChangeExtension(w.Path, "parquet")}", $"{prefix}/{w.Path}", w.AppId, w.Hour, w.Rows, w.Bytes,
                bounds[(w.AppId, w.Hour)].FirstMs, bounds[(w.AppId, w.Hour)].LastMs)).ToList();
            if (files.Sum(f => f.Rows) != events.Count)
                throw new UnreachableException($"{events.Count} events went into the files of flush {flush}, {files.Sum(f => f.Rows)} rows are there.");
            await store.Seal([.. files.Select(f => f.PendingPath)], ct);
            failPoint.At(FlushStep.FilesSealed);
            return files;
        }
        finally
        {
            _alone.Release();
        }
    }

    public void Dispose() => _alone.Dispose();

    private IReadOnlyList<WrittenFile> WriteAll(Guid flush, List<FlushEvent> events, List<DeadLetter> dead, CancellationToken ct)
    {
        try
        {
            return Write(flush, flush.ToString("N"), events, ct);
        }
        catch (Exception refused) when (IsPoison(refused))
        {
            foreach (var (culprit, reason) in Isolate(flush, events, ct))
            {
                events.Remove(culprit);
                dead.Add(new DeadLetter(culprit.MessageId, culprit.AppId, 1, "It cannot be written as Parquet.", culprit.Bytes,
                    new EventCounts(culprit.Run, [new(culprit.AppId, culprit.ReceivedHour, 1)]), reason));
            }
            return events.Count == 0 ? [] : Write(flush, flush.ToString("N"), events, ct);
        }
    }

    private IReadOnlyList<WrittenFile> Write(Guid flush, string name, List<FlushEvent> events, CancellationToken ct) =>
        writer.Write(store.Stage(Publication.Pending(flush)), name, events.ConvertAll(e => e.Row), ct);

    private static bool IsPoison(Exception exception) => exception is InvalidDataException or DuckException { IsOfData: true };

    /// <summary>Halves the events until the ones that cannot be written stand alone. When that is all of several, it is not they who are at fault.</summary>
    private List<(FlushEvent Culprit, string Reason)> Isolate(Guid flush, List<FlushEvent> events, CancellationToken ct)
    {
        var culprits = new List<(FlushEvent, string)>();
        Search(events);
        return culprits.Count < events.Count || events.Count == 1 ? culprits
            : throw new InvalidOperationException($"None of {events.Count} events can be written: {culprits[0].Item2}");

        void Search(List<FlushEvent> part)
        {
            try
            {
                Write(flush, "probe", part, ct);
            }
            catch (Exception refused) when (IsPoison(refused))
            {
                if (part is [var culprit])
                {
                    culprits.Add((culprit, refused.Message));
                    return;
                }
                Search(part[..(part.Count / 2)]);
                Search(part[(part.Count / 2)..]);
            }
        }
    }
}
