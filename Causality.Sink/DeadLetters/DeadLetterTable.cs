using Causality.Contracts.Events;
using Causality.Sink.Flushing;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Sink.DeadLetters;

/// <summary>Keeps what could not be stored, with its bytes and the reason.</summary>
internal static class DeadLetterTable
{
    /// <summary>Keeps a whole message, and counts what it claims to carry. Answers how many events; 0 where it was stored or kept before.</summary>
    public static async Task<long> Bury(NpgsqlDataSource database, Guid messageId, EventsAccepted message, string reason, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var insert = new NpgsqlCommand("insert into sink_inbox (message_id) values ($1) on conflict do nothing", connection, transaction) { Parameters = { new() { Value = messageId } } };
        if (await insert.ExecuteNonQueryAsync(ct) == 0)
            return 0;
        var (batch, counts) = message;
        var books = new Books();
        foreach (var (app, hour, events) in counts.Rows)
            books.Dead(counts.Run, app, hour, events);
        await books.Write(transaction, ct);
        await Add(transaction, [new DeadLetter(messageId, counts.Rows is [var only] ? only.AppId : null, books.DeadEvents, reason, batch, counts)], ct);
        await transaction.CommitAsync(ct);
        return books.DeadEvents;
    }

    public static async Task Add(NpgsqlTransaction transaction, IEnumerable<DeadLetter> letters, CancellationToken ct)
    {
        foreach (var letter in letters)
        {
            await using var insert = new NpgsqlCommand(
                "insert into dead_letters (id, message_id, app_id, events, reason, body, counts) values ($1, $2, $3, $4, $5, $6, $7)", transaction.Connection, transaction);
            insert.Parameters.AddWithValue(Guid.CreateVersion7());
            insert.Parameters.AddWithValue(letter.MessageId);
            insert.Parameters.Add(new NpgsqlParameter { Value = (object?)letter.AppId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
            insert.Parameters.AddWithValue(letter.Events);
            insert.Parameters.AddWithValue(letter.Reason);
            insert.Parameters.AddWithValue(letter.Body);
            insert.Parameters.AddWithValue(letter.Counts.ToString());
            await insert.ExecuteNonQueryAsync(ct);
        }
    }
}
