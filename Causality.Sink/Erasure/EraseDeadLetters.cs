using Causality.Contracts.Events;
using Causality.Sink.Compaction;
using Causality.Sink.DeadLetters;
using Npgsql;

namespace Causality.Sink.Erasure;

/// <summary>
/// Takes a person's events out of the bodies of dead letters, letter by letter. A body whose framing is broken and that names the
/// person is deleted whole: nobody could take it apart.
/// </summary>
internal sealed class EraseDeadLetters(NpgsqlDataSource database)
{
    private sealed record Cut(byte[] Body, IReadOnlyDictionary<int, long> ByHour);

    private sealed record Letter(byte[] Body, EventCounts Counts, long Events);

    /// <summary>How many letters hold something of the person.</summary>
    public async Task<long> Find(Person person, CancellationToken ct)
    {
        var found = 0L;
        await using var connection = await database.OpenConnectionAsync(ct);
        foreach (var id in await Ids(person.AppId, ct))
            if (await Read(connection, id, ct) is { } letter && Without(person, letter.Body, letter.Counts) is not null)
                found++;
        return found;
    }

    public async Task Run(Guid erasure, Person person, CancellationToken ct)
    {
        foreach (var id in await Ids(person.AppId, ct))
        {
            await using var connection = await database.OpenConnectionAsync(ct);
            await using var transaction = await connection.BeginTransactionAsync(ct);
            if (await Read(connection, id, ct) is not { } letter || Without(person, letter.Body, letter.Counts) is not { } cut)
                continue;
            var (counts, events) = Rest(letter.Counts, letter.Events, person, cut);
            await using var change = new NpgsqlCommand(
                cut.Body.Length == 0 ? "delete from dead_letters where id = $1" : "update dead_letters set body = $2, events = $3, counts = $4 where id = $1", connection, transaction);
            change.Parameters.AddWithValue(id);
            if (cut.Body.Length > 0)
            {
                change.Parameters.AddWithValue(cut.Body);
                change.Parameters.AddWithValue(events);
                change.Parameters.AddWithValue(counts.ToString());
            }
            await change.ExecuteNonQueryAsync(ct);
            await Book(transaction, DeadLetter.Difference(DeadLetter.Booked(letter.Counts, letter.Events), DeadLetter.Booked(counts, events)), ct);
            await using var report = new NpgsqlCommand("update erasures set dead_letters = dead_letters + 1 where id = $1", connection, transaction) { Parameters = { new() { Value = erasure } } };
            await report.ExecuteNonQueryAsync(ct);
            await transaction.CommitAsync(ct);
        }
    }

    /// <summary>
    /// Of letters that are about to be kept: takes out what belongs to people who were erased before, and letters of which nothing is left. Answers
    /// what the books hold for them by app and hour, for <see cref="Book"/> once the books have the letters as they came.
    /// </summary>
    public static async Task<IReadOnlyCollection<AppHourCount>> TakeOut(NpgsqlTransaction transaction, List<DeadLetter> letters, CancellationToken ct)
    {
        if (letters.Count == 0)
            return [];
        // who claims nothing may hold anybody's, received at any time
        var apps = letters.Any(l => l.Counts.Rows.Count == 0) ? null : letters.SelectMany(l => l.Counts.Rows.Select(r => r.AppId)).Distinct().ToArray();
        var people = await ErasedPeople.Hold(transaction, apps, apps is null ? 0 : letters.Min(l => l.Counts.Rows.Min(r => r.Hour)), ct);
        var taken = new List<AppHourCount>();
        for (var i = letters.Count - 1; i >= 0; i--)
            foreach (var person in people.Where(p => letters[i].AppId is null || letters[i].AppId == p.AppId))
            {
                var letter = letters[i];
                if (Without(person, letter.Body, letter.Counts) is not { } cut)
                    continue;
                var (counts, events) = Rest(letter.Counts, letter.Events, person, cut);
                taken.AddRange(DeadLetter.Difference(DeadLetter.Booked(letter.Counts, letter.Events), DeadLetter.Booked(counts, events)));
                letters[i] = letter with { Body = cut.Body, Events = events, Counts = counts };
                if (cut.Body.Length > 0)
                    continue;
                letters.RemoveAt(i);
                break;
            }
        return taken;
    }

    /// <summary>Moves what was taken out to where stored events are that were erased.</summary>
    public static async Task Book(NpgsqlTransaction transaction, IReadOnlyCollection<AppHourCount> taken, CancellationToken ct)
    {
        foreach (var app in taken.GroupBy(t => t.AppId).OrderBy(g => g.Key, StringComparer.Ordinal))
            await BookMoves.ErasedDead(transaction, app.Key, app.GroupBy(t => t.Hour).ToDictionary(h => h.Key, h => h.Sum(t => (long)t.Events)), ct);
    }

    // what a letter claims and counts after the cut: nothing where nothing is left of it, whatever it claimed, else an event at least, as every letter does
    private static (EventCounts Counts, long Events) Rest(EventCounts counts, long events, Person person, Cut cut) =>
        (counts with { Rows = [.. counts.Rows.Select(r => r.AppId == person.AppId ? r with { Events = Math.Max(0, r.Events - (int)cut.ByHour.GetValueOrDefault(r.Hour)) } : r)] },
            cut.Body.Length == 0 ? 0 : Math.Max(1, events - cut.ByHour.Values.Sum()));

    // a letter without an app may hold anybody's; one that is on its way again is taken apart where it arrives, the others hold no bytes
    private async Task<List<Guid>> Ids(string appId, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select id from dead_letters where state = 'open' and (app_id = $1 or app_id is null) order by id");
        select.Parameters.AddWithValue(appId);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(ct))
            ids.Add(reader.GetGuid(0));
        return ids;
    }

    private static async Task<Letter?> Read(NpgsqlConnection connection, Guid id, CancellationToken ct)
    {
        await using var select = new NpgsqlCommand("select body, counts, events from dead_letters where id = $1 and state = 'open' for update", connection) { Parameters = { new() { Value = id } } };
        await using var reader = await select.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? new Letter(reader.GetFieldValue<byte[]>(0), EventCounts.Parse(reader.GetString(1)), reader.GetInt64(2)) : null;
    }

    /// <summary>The body without the person's events; null when it has none of them.</summary>
    private static Cut? Without(Person person, ReadOnlyMemory<byte> body, EventCounts counts)
    {
        if (!person.IsNamedIn(body.Span))
            return null;   // a search is far cheaper than a walk: a flood of letters that claim nothing meets everybody who was ever erased
        var reader = new EventBatchReader();
        var (hours, from) = (new Dictionary<int, long>(), 0);
        void Count(int hour) => hours[hour] = hours.GetValueOrDefault(hour) + 1;
        var kept = new MemoryStream();
        reader.Reset(body);
        try
        {
            for (; reader.Next(out var frame); from = reader.Position)
                if (reader.Read(frame) is null && person.Covers(reader))
                    Count(Hour(reader));
                else
                    kept.Write(body.Span[from..reader.Position]);
        }
        catch (InvalidDataException)
        {
            // one event that lies here without its frame
            if (from == 0 && reader.Read(..) is null && reader.Has(EventColumn.AppId))
                return person.Covers(reader) ? new Cut([], new Dictionary<int, long> { [Hour(reader)] = 1 }) : null;
            if (person.IsNamedIn(body.Span[from..]))
                Count(counts.Rows.FirstOrDefault(r => r.AppId == person.AppId).Hour);
            else
                kept.Write(body.Span[from..]);
        }
        return hours.Count == 0 ? null : new Cut(kept.ToArray(), hours);
    }

    private static int Hour(EventBatchReader reader) => (int)(reader.Number(EventColumn.ReceivedAtMs) / 3_600_000);
}
