using System.Diagnostics;
using System.Text;
using Causality.Contracts;
using Causality.Contracts.Events;
using Causality.Lake.DuckDb;
using Causality.Lake.Files;
using Causality.Lake.Ledger;
using Causality.Lake.Reading;
using Causality.Lake.Writing;
using Causality.Sink.Compaction;
using Causality.Sink.DeadLetters;
using Causality.Sink.Erasure;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.Sink.Flushing;

/// <summary>What a flush did.</summary>
internal sealed record FlushResult(long Stored, long Duplicates, long Dead, int Files, long Bytes);

/// <summary>
/// Stores messages exactly once, in one PostgreSQL transaction: inbox, keys, files, ledger, books, snapshots; then publication.
/// Whatever step it dies at, trying again with the same messages ends in the same rows, once.
/// </summary>
internal sealed class Flush(NpgsqlDataSource database, IObjectStore store, EventFileWriter writer, StoredKeys stored, Publication publication, IFailPoint failPoint, TimeProvider clock, ILogger<Flush> log)
{
    public async Task<FlushResult> Run(IReadOnlyCollection<Waiting> messages, CancellationToken ct)
    {
        var flush = Guid.CreateVersion7();
        var books = new Books();
        IReadOnlyList<LakeFile> files = [];
        failPoint.At(FlushStep.Begun);
        await using (var connection = await database.OpenConnectionAsync(ct))
        await using (var transaction = await connection.BeginTransactionAsync(ct))
        {
            using var keys = SinkTraces.Part("flush keys");
            var fresh = await EnterInbox(transaction, messages, ct);
            failPoint.At(FlushStep.InboxWritten);
            if (fresh.Count == 0)
                return new FlushResult(0, 0, 0, 0, 0);   // all of it committed before; only the acknowledgement was lost

            var replays = await DeadLetterTable.Arrived(transaction, fresh.Select(m => m.MessageId), ct);
            var dead = fresh.SelectMany(m => m.Dead).ToList();
            var arrived = fresh.SelectMany(m => m.Events).ToList();
            var erased = await ErasedPeople.TakeOut(transaction, arrived, ct);
            var events = await WithoutDuplicates(transaction, arrived, books, ct);
            await RemoveStored(transaction, events, replays, books, ct);
            failPoint.At(FlushStep.KeysRemembered);
            keys?.Stop();

            files = await WriteFiles(transaction, flush, events, dead, ct);
            failPoint.At(FlushStep.FilesSealed);
            using var commit = SinkTraces.Part("flush commit");

            foreach (var kept in events.Concat(erased))   // what is erased was stored, as far as the books go
                books.Stored(kept.Run, kept.Row.AppId, kept.ReceivedHour);
            foreach (var letter in dead)
                books.Dead(letter);
            if (!await LedgerWriter.Claim(transaction, flush, ct))
                throw new InvalidOperationException($"Flush {flush} was given up by the janitor; it is tried again.");
            await LedgerWriter.Add(transaction, flush, files, ct);
            await DeadLetterTable.Add(transaction, dead, replays, ct);
            await books.Write(transaction, ct);
            foreach (var app in erased.GroupBy(e => e.Row.AppId).OrderBy(g => g.Key, StringComparer.Ordinal))
                await BookMoves.Erased(transaction, app.Key, app.CountBy(e => e.ReceivedHour).ToDictionary(h => h.Key, h => (long)h.Value), ct);
            await Delays.Write(transaction, events, clock.GetUtcNow(), ct);
            await LedgerWriter.Count(transaction, Types(events), ct);
            await LedgerWriter.TakeSnapshots(transaction, flush, files.Select(f => f.AppId).Distinct(), ct);
            failPoint.At(FlushStep.LedgerWritten);
            await transaction.CommitAsync(ct);
        }
        failPoint.At(FlushStep.Committed);
        await Publish(flush, ct);
        failPoint.At(FlushStep.Published);
        return new FlushResult(books.StoredEvents, books.DuplicateEvents, books.DeadEvents, files.Count, files.Sum(f => f.Bytes));
    }

    private static async Task<IReadOnlyList<Waiting>> EnterInbox(NpgsqlTransaction transaction, IReadOnlyCollection<Waiting> messages, CancellationToken ct)
    {
        // a message redelivered while its first copy waits here too is the same message
        var byId = messages.GroupBy(m => m.MessageId).ToDictionary(g => g.Key, g => g.First());
        await using var insert = new NpgsqlCommand("insert into sink_inbox (message_id) select * from unnest($1) on conflict do nothing returning message_id", transaction.Connection, transaction);
        insert.Parameters.AddWithValue(byId.Keys.Order().ToArray());
        await using var reader = await insert.ExecuteReaderAsync(ct);
        var fresh = new List<Waiting>();
        while (await reader.ReadAsync(ct))
            fresh.Add(byId[reader.GetGuid(0)]);
        return fresh;
    }

    private static async Task<List<FlushEvent>> WithoutDuplicates(NpgsqlTransaction transaction, List<FlushEvent> events, Books books, CancellationToken ct)
    {
        var keys = events.Select(e => e.Key).Distinct().ToArray();
        Array.Sort(keys);
        var added = await KeyWindow.Remember(transaction, keys, ct);
        var kept = new List<FlushEvent>(events.Count);
        foreach (var candidate in events)
            if (added.Remove(candidate.Key))   // the first of this flush with a new key; its copies find it gone
                kept.Add(candidate);
            else
                books.Duplicate(candidate.Run, candidate.Row.AppId, candidate.ReceivedHour);
        return kept;
    }

    /// <summary>What lay dead for longer than the window remembers keys may have been sent again meanwhile and be stored: the files themselves are asked.</summary>
    private async Task RemoveStored(NpgsqlTransaction transaction, List<FlushEvent> events, IReadOnlyDictionary<Guid, Guid> replays, Books books, CancellationToken ct)
    {
        if (replays.Count == 0)
            return;
        foreach (var partition in events.Where(e => replays.ContainsKey(e.MessageId)).GroupBy(e => (e.Row.AppId, e.Row.Hour)).ToList())
        {
            var replayed = partition.ToLookup(KeyText);
            foreach (var key in await stored.Among(transaction, partition.Key.AppId, partition.Key.Hour, [.. replayed.Select(r => r.Key)], ct))
                foreach (var duplicate in replayed[key])
                {
                    events.Remove(duplicate);
                    books.Duplicate(duplicate.Run, duplicate.Row.AppId, duplicate.ReceivedHour);
                }
        }
    }

    private static string KeyText(FlushEvent replayed)
    {
        var reader = new EventBatchReader();
        reader.Reset(replayed.Row.Batch);
        reader.Read(replayed.Row.Frame);
        return Encoding.UTF8.GetString(reader.Text(EventColumn.IdempotencyKey));
    }

    private static IEnumerable<TypeCount> Types(List<FlushEvent> events) =>
        events.GroupBy(e => (e.Row.AppId, e.Type, e.Category))
            .Select(g => new TypeCount(g.Key.AppId, g.Key.Type, g.Key.Category, g.LongCount(), g.Min(e => e.TimestampMs), g.Max(e => e.TimestampMs)));

    private async Task<IReadOnlyList<LakeFile>> WriteFiles(NpgsqlTransaction transaction, Guid flush, List<FlushEvent> events, List<DeadLetter> dead, CancellationToken ct)
    {
        if (events.Count == 0)
            return [];
        using var write = SinkTraces.Part("flush write");
        var prefix = Publication.Pending(flush);
        IReadOnlyList<WrittenFile> written;
        try
        {
            written = writer.Write(store.Stage(prefix), flush.ToString("N"), [.. events.Select(e => e.Row)], ct);
        }
        catch (Exception refused) when (IsPoison(refused))
        {
            var culprits = Isolate(flush, events, ct);
            foreach (var (culprit, reason) in culprits)
            {
                events.Remove(culprit);
                dead.Add(new DeadLetter(culprit.MessageId, culprit.Row.AppId, 1, "It cannot be written as Parquet.", culprit.Bytes,
                    new EventCounts(culprit.Run, [new(culprit.Row.AppId, culprit.ReceivedHour, 1)]), reason));
            }
            await KeyWindow.Forget(transaction, [.. culprits.Select(c => c.Culprit.Key)], ct);   // else its replay would be a duplicate of what is nowhere
            written = events.Count == 0 ? [] : writer.Write(store.Stage(prefix), flush.ToString("N"), [.. events.Select(e => e.Row)], ct);
        }
        failPoint.At(FlushStep.FilesWritten);
        var bounds = events.GroupBy(e => (e.Row.AppId, e.Row.Hour)).ToDictionary(g => g.Key, g => (Min: g.Min(e => e.TimestampMs), Max: g.Max(e => e.TimestampMs)));
        var files = written.Select(w => new LakeFile($"events/{Path.ChangeExtension(w.Path, "parquet")}", $"{prefix}/{w.Path}", w.AppId, w.Hour, w.Rows, w.Bytes,
            bounds[(w.AppId, w.Hour)].Min, bounds[(w.AppId, w.Hour)].Max)).ToList();
        if (files.Sum(f => f.Rows) != events.Count)
            throw new UnreachableException($"{events.Count} events went into the files of flush {flush}, {files.Sum(f => f.Rows)} rows are there.");
        await store.Seal([.. files.Select(f => f.PendingPath)], ct);
        return files;
    }

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
                writer.Write(store.Stage(Publication.Pending(flush)), "probe", [.. part.Select(e => e.Row)], ct);
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

    private async Task Publish(Guid flush, CancellationToken ct)
    {
        using var publish = SinkTraces.Part("flush publish");
        try
        {
            await publication.Publish(flush, ct);
        }
        catch (Exception late) when (late is IOException or NpgsqlException or OperationCanceledException)
        {
            // it is committed, so it counts and is read by its pending name; the janitor publishes it later
            log.PublicationDelayed(late, flush);
        }
    }
}
