using Causality.Sink.Flushing;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Sink.DeadLetters;

/// <summary>Keeps what could not be stored, with its bytes and the reason.</summary>
internal static class DeadLetterTable
{
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
