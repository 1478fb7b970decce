using System.Text;
using Causality.Contracts;
using Causality.Contracts.Events;
using Causality.Lake.Catalog;
using Causality.Lake.Ledger;
using Causality.Lake.Reading;
using Causality.Sink.Compaction;
using Causality.Sink.DeadLetters;
using Causality.Sink.Deduplication;
using Causality.Sink.Erasure;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.Sink.Flushing;

/// <summary>What a flush did.</summary>
internal sealed record FlushResult(long Stored, long Duplicates, long Dead, int Files, long Bytes);

/// <summary>
/// Stores messages exactly once, in two steps. Prepared: what is new in them lies in sealed files that nobody knows of. Committed, in one PostgreSQL transaction: inbox, keys, ledger, books,
/// snapshots; then publication. Whatever step it dies at, trying again with the same messages ends in the same rows, once.
/// </summary>
internal sealed class Flush(NpgsqlDataSource database, FlushFiles files, RecentKeys keys, StoredKeys stored, PropertyCatalog properties, Publication publication, IFailPoint failPoint, TimeProvider clock, ILogger<Flush> log)
{
    /// <summary>Both steps, until nobody comes in between.</summary>
    public async Task<FlushResult> Run(IReadOnlyCollection<Waiting> messages, CancellationToken ct)
    {
        while (true)
        {
            var prepared = await Prepare(messages, null, ct);
            try
            {
                return await Commit(prepared, ct);
            }
            catch (OutdatedFlushException)
            {
            }
        }
    }

    /// <param name="before">A flush of this sink that has not committed, and will before this one.</param>
    public async Task<PreparedFlush> Prepare(IReadOnlyCollection<Waiting> messages, PreparedFlush? before, CancellationToken ct)
    {
        failPoint.At(FlushStep.Begun);
        var flush = await Recognize(messages, before, ct);
        flush.Files = await files.Write(flush.Id, flush.Events, flush.Dead, ct);
        flush.Keys = [.. flush.Events.Select(e => e.Key)];   // what cannot be written is forgotten, else its replay would be a duplicate of what is nowhere
        Array.Sort(flush.Keys);
        foreach (var kept in flush.Events.Concat(flush.Erased))   // what is erased was stored, as far as the books go
            flush.Books.Stored(kept.Run, kept.AppId, kept.ReceivedHour);
        foreach (var letter in flush.Dead)
            flush.Books.Dead(letter);
        return flush;
    }

    /// <summary>May be tried again with the same flush when it fails otherwise.</summary>
    /// <exception cref="OutdatedFlushException">It must be prepared again.</exception>
    public async Task<FlushResult> Commit(PreparedFlush flush, CancellationToken ct)
    {
        if (flush.Fresh.Count == 0)
            return new FlushResult(0, 0, 0, 0, 0);   // all of it committed before; only the acknowledgement was lost
        if (!flush.IsBeforeStored)
            throw new OutdatedFlushException("The flush before it was not stored as it was.");
        using (SinkTraces.Part("flush commit"))
        await using (var connection = await database.OpenConnectionAsync(ct))
        await using (var transaction = await connection.BeginTransactionAsync(ct))
        {
            await KeyLog.Hold(transaction, ct);
            if (!await EnterInbox(transaction, flush.Fresh, ct))
                throw new OutdatedFlushException("Another flush has stored one of its messages.");
            failPoint.At(FlushStep.InboxWritten);
            var replays = await DeadLetterTable.Arrived(transaction, flush.Fresh.Select(m => m.MessageId), ct);
            if (!flush.Replays.SetEquals(replays.Keys))
                throw new OutdatedFlushException("Another message of it is a replay now.");
            if (!flush.Erasures.SequenceEqual(Times(await ErasedPeople.Again(transaction, Arrived(flush.Fresh), ct))))
                throw new OutdatedFlushException("Somebody is to be erased.");
            if (!await RecentKeys.AreNew(transaction, flush.Keys, flush.Recognized.Seen, flush.Before?.KeyRow, ct))
                throw new OutdatedFlushException("Another sink has stored one of its events.");
            var row = await KeyLog.Add(transaction, flush.Keys, ct);
            failPoint.At(FlushStep.KeysRemembered);

            List<DeadLetter> dead = [.. flush.Dead];
            var erasedDead = await EraseDeadLetters.TakeOut(transaction, dead, ct);
            if (!await LedgerWriter.Claim(transaction, flush.Id, ct))
                throw new OutdatedFlushException("It was given up by the janitor.");
            await LedgerWriter.Add(transaction, flush.Id, flush.Files, ct);
            await DeadLetterTable.Add(transaction, dead, replays, ct);
            await flush.Books.Write(transaction, ct);
            await EraseDeadLetters.Book(transaction, erasedDead, ct);
            foreach (var app in flush.Erased.GroupBy(e => e.AppId).OrderBy(g => g.Key, StringComparer.Ordinal))
                await BookMoves.Erased(transaction, app.Key, app.CountBy(e => e.ReceivedHour).ToDictionary(h => h.Key, h => (long)h.Value), ct);
            await Delays.Write(transaction, flush.Events, clock.GetUtcNow(), ct);
            await LedgerWriter.Count(transaction, Types(flush.Events), ct);
            await properties.Count(transaction, Payloads(flush.Events), ct);
            await LedgerWriter.TakeSnapshots(transaction, flush.Id, flush.Files.Select(f => f.AppId).Distinct(), ct);
            failPoint.At(FlushStep.LedgerWritten);
            await transaction.CommitAsync(ct);
            if (row is { } added)
                keys.Remembered(added, flush.Keys);
            flush.Committed(row);
        }
        failPoint.At(FlushStep.Committed);
        await Publish(flush.Id, ct);
        failPoint.At(FlushStep.Published);
        return new FlushResult(flush.Books.StoredEvents, flush.Books.DuplicateEvents, flush.Books.DeadEvents, flush.Files.Count, flush.Files.Sum(f => f.Bytes));
    }

    /// <summary>What is new in the messages, as far as one can tell before the commit, which looks again.</summary>
    private async Task<PreparedFlush> Recognize(IReadOnlyCollection<Waiting> messages, PreparedFlush? before, CancellationToken ct)
    {
        using var part = SinkTraces.Part("flush keys");
        await using var connection = await database.OpenConnectionAsync(ct);
        var fresh = await NotInInbox(connection, messages, ct);
        var replays = await DeadLetterTable.Replays(connection, fresh.Select(m => m.MessageId), ct);
        var events = Arrived(fresh);
        var people = await ErasedPeople.Of(connection, events, ct);
        var erased = ErasedPeople.TakeOut(people, events);
        var recognized = await keys.Recognize(events.ConvertAll(e => e.Key), ct);
        var books = new Books();
        var kept = WithoutDuplicates(events, key => recognized.Known.Contains(key) || before?.Has(key) == true, books);
        await RemoveStored(connection, kept, replays, books, ct);
        return new PreparedFlush(before)
        {
            Fresh = fresh, Replays = replays, Events = kept, Erased = erased, Erasures = Times(people),
            Dead = [.. fresh.SelectMany(m => m.Dead)], Books = books, Recognized = recognized,
        };
    }

    private static List<DateTimeOffset> Times(IEnumerable<Person> people) => [.. people.Select(p => p.ReceivedBefore).Order()];

    private static List<FlushEvent> Arrived(IReadOnlyCollection<Waiting> fresh)
    {
        var events = new List<FlushEvent>(fresh.Sum(m => m.Count));
        events.AddRange(fresh.SelectMany(m => m.Events));
        return events;
    }

    private static async Task<IReadOnlyList<Waiting>> NotInInbox(NpgsqlConnection connection, IReadOnlyCollection<Waiting> messages, CancellationToken ct)
    {
        // a message redelivered while its first copy waits here too is the same message
        var byId = messages.GroupBy(m => m.MessageId).ToDictionary(g => g.Key, g => g.First());
        await using var select = new NpgsqlCommand("select message_id from sink_inbox where message_id = any($1)", connection);
        select.Parameters.AddWithValue(byId.Keys.Order().ToArray());
        await using var reader = await select.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            byId.Remove(reader.GetGuid(0));
        return [.. byId.Values];
    }

    private static async Task<bool> EnterInbox(NpgsqlTransaction transaction, IReadOnlyList<Waiting> fresh, CancellationToken ct)
    {
        await using var insert = new NpgsqlCommand("insert into sink_inbox (message_id) select * from unnest($1) on conflict do nothing", transaction.Connection, transaction);
        insert.Parameters.AddWithValue(fresh.Select(m => m.MessageId).Order().ToArray());
        return await insert.ExecuteNonQueryAsync(ct) == fresh.Count;
    }

    private static List<FlushEvent> WithoutDuplicates(List<FlushEvent> events, Predicate<UInt128> isStored, Books books)
    {
        var kept = new List<FlushEvent>(events.Count);
        var here = new HashSet<UInt128>(events.Count);
        foreach (var candidate in events)
            if (!isStored(candidate.Key) && here.Add(candidate.Key))   // of copies, the first
                kept.Add(candidate);
            else
                books.Duplicate(candidate.Run, candidate.AppId, candidate.ReceivedHour);
        return kept;
    }

    /// <summary>What lay dead for longer than the window remembers keys may have been sent again meanwhile and be stored: the files themselves are asked.</summary>
    private async Task RemoveStored(NpgsqlConnection connection, List<FlushEvent> events, IReadOnlySet<Guid> replays, Books books, CancellationToken ct)
    {
        if (replays.Count == 0)
            return;
        foreach (var partition in events.Where(e => replays.Contains(e.MessageId)).GroupBy(e => (e.AppId, e.Hour)).ToList())
        {
            var replayed = partition.ToLookup(KeyText);
            foreach (var key in await stored.Among(connection, partition.Key.AppId, partition.Key.Hour, [.. replayed.Select(r => r.Key)], ct))
                foreach (var duplicate in replayed[key])
                {
                    events.Remove(duplicate);
                    books.Duplicate(duplicate.Run, duplicate.AppId, duplicate.ReceivedHour);
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
        events.AggregateBy(e => (e.AppId, e.Type, e.Category), EventSpan.None, (span, e) => span.With(e))
            .Select(g => new TypeCount(g.Key.AppId, g.Key.Type, g.Key.Category, g.Value.Events, g.Value.FirstMs, g.Value.LastMs));

    private static List<PayloadCount> Payloads(List<FlushEvent> events) =>
        [.. events.AggregateBy(e => (e.AppId, e.Type, e.Shape), EventSpan.None, (span, e) => span.With(e))
            .Select(g => new PayloadCount(g.Key.AppId, g.Key.Type, g.Key.Shape, g.Value.Events, g.Value.FirstMs, g.Value.LastMs))];

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
