using Causality.Contracts.Events;
using Causality.Sink.Erasure;
using Causality.Sink.Flushing;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Sink.DeadLetters;

/// <summary>Keeps what could not be stored, with its bytes and the reason.</summary>
internal static class DeadLetterTable
{
    /// <summary>Keeps a whole message, and counts what it claims to carry. Answers how many events; 0 where it was stored or kept before.</summary>
    public static async Task<long> Bury(NpgsqlDataSource database, DeadLetter letter, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var insert = new NpgsqlCommand("insert into sink_inbox (message_id) values ($1) on conflict do nothing", connection, transaction) { Parameters = { new() { Value = letter.MessageId } } };
        if (await insert.ExecuteNonQueryAsync(ct) == 0)
            return 0;
        var books = new Books();
        books.Dead(letter);
        List<DeadLetter> kept = [letter];
        var erased = await EraseDeadLetters.TakeOut(transaction, kept, ct);
        await books.Write(transaction, ct);
        await EraseDeadLetters.Book(transaction, erased, ct);
        await Add(transaction, kept, await Arrived(transaction, [letter.MessageId], ct), ct);
        await transaction.CommitAsync(ct);
        return books.DeadEvents;
    }

    /// <summary>Of messages that come, those that are replays.</summary>
    public static async Task<IReadOnlySet<Guid>> Replays(NpgsqlConnection connection, IEnumerable<Guid> messages, CancellationToken ct)
    {
        await using var select = new NpgsqlCommand("select replayed_message_id from dead_letters where state = 'replaying' and replayed_message_id = any($1)", connection);
        select.Parameters.AddWithValue(messages.ToArray());
        await using var reader = await select.ExecuteReaderAsync(ct);
        var replays = new HashSet<Guid>();
        while (await reader.ReadAsync(ct))
            replays.Add(reader.GetGuid(0));
        return replays;
    }

    /// <summary>Of messages that have just arrived, those that are replays, with their letters: these are replayed now, and their bytes are elsewhere.</summary>
    public static async Task<IReadOnlyDictionary<Guid, Guid>> Arrived(NpgsqlTransaction transaction, IEnumerable<Guid> messages, CancellationToken ct)
    {
        await using var update = new NpgsqlCommand(
            "update dead_letters set state = 'replayed', body = '' where state = 'replaying' and replayed_message_id = any($1) returning replayed_message_id, id", transaction.Connection, transaction);
        update.Parameters.AddWithValue(messages.ToArray());
        await using var reader = await update.ExecuteReaderAsync(ct);
        var replays = new Dictionary<Guid, Guid>();
        while (await reader.ReadAsync(ct))
            replays.Add(reader.GetGuid(0), reader.GetGuid(1));
        return replays;
    }

    /// <param name="replays">As <see cref="Arrived"/> answered.</param>
    public static async Task Add(NpgsqlTransaction transaction, IEnumerable<DeadLetter> letters, IReadOnlyDictionary<Guid, Guid> replays, CancellationToken ct)
    {
        foreach (var letter in letters)
        {
            await using var insert = new NpgsqlCommand(
                "insert into dead_letters (id, message_id, app_id, events, reason, body, counts, detail, replay_of) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)", transaction.Connection, transaction);
            insert.Parameters.AddWithValue(Guid.CreateVersion7());
            insert.Parameters.AddWithValue(letter.MessageId);
            insert.Parameters.Add(Text(letter.AppId));
            insert.Parameters.AddWithValue(letter.Events);
            insert.Parameters.AddWithValue(letter.Reason);
            insert.Parameters.AddWithValue(letter.Body);
            insert.Parameters.AddWithValue(letter.Counts.ToString());
            insert.Parameters.Add(Text(letter.Detail));
            insert.Parameters.Add(new NpgsqlParameter { Value = replays.TryGetValue(letter.MessageId, out var of) ? of : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
            await insert.ExecuteNonQueryAsync(ct);
        }
    }

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
