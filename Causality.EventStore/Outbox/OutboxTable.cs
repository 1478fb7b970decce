using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Causality.EventStore.Outbox;

/// <summary>A message of the table <c>outbox</c>.</summary>
internal sealed record WaitingMessage(long Sequence, string Lane, Guid Id, string Destination, string Body, int Attempts);

/// <summary>The statements on the tables <c>outbox</c> and <c>scheduled_messages</c>.</summary>
internal static class OutboxTable
{
    /// <summary>More of them let more hosts deliver at once; a lane must stay in its own, so the number is for ever.</summary>
    public const int Partitions = 16;

    // any number will do, as long as every version of the program takes the same
    private const int Lock = 0x4F75_7462;

    private const int LongestError = 1000;

    /// <summary>Writes a message where it belongs: one with a delay to the scheduled ones, any other to the outbox.</summary>
    public static NpgsqlBatchCommand Insert(OutboxMessage message, string lane, DateTimeOffset now)
    {
        var insert = message is { Token: not null, Delay: not null }
            ? new NpgsqlBatchCommand(
                """
                insert into scheduled_messages (partition, lane, message_id, destination, message_types, body, created_at, token, due_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                on conflict (token) do update set due_at = excluded.due_at, partition = excluded.partition, lane = excluded.lane, message_id = excluded.message_id,
                    destination = excluded.destination, message_types = excluded.message_types, body = excluded.body
                """)
            : new NpgsqlBatchCommand("insert into outbox (partition, lane, message_id, destination, message_types, body, created_at) values ($1, $2, $3, $4, $5, $6, $7)");
        object[] values = [Partition(lane), lane, message.Id, message.Destination, message.Types, message.Body, now];
        foreach (var value in values)
            insert.Parameters.Add(new() { Value = value });
        if (message is { Token: { } token, Delay: { } delay })
        {
            insert.Parameters.Add(new() { Value = token });
            insert.Parameters.Add(new() { Value = now + delay });
        }
        return insert;
    }

    public static NpgsqlBatchCommand Cancel(Guid token) => new("delete from scheduled_messages where token = $1") { Parameters = { new() { Value = token } } };

    /// <summary>Which partitions have a message that may be delivered now.</summary>
    public static async Task<IReadOnlyList<short>> Ready(NpgsqlDataSource database, DateTimeOffset now, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            $"""
            select p::smallint
            from generate_series(0, {Partitions - 1}) p
            where exists (
                select from outbox o
                where o.partition = p::smallint
                    and not exists (select from outbox b where b.partition = o.partition and b.lane = o.lane and b.attempts > 0 and b.next_attempt_at > $1))
            """);
        select.Parameters.Add(new() { Value = now });
        await using var rows = await select.ExecuteReaderAsync(ct);
        var partitions = new List<short>();
        while (await rows.ReadAsync(ct))
            partitions.Add(rows.GetInt16(0));
        return partitions;
    }

    /// <summary>
    /// Takes a partition for the transaction; false when another host has it. A host that fell silent loses it after <paramref name="silence"/>,
    /// even where the network hides that it is gone.
    /// </summary>
    public static async Task<bool> TryLock(NpgsqlConnection connection, short partition, TimeSpan silence, CancellationToken ct)
    {
        await using var take = new NpgsqlCommand(
            $"select pg_try_advisory_xact_lock({Lock}, $1) from (select set_config('idle_in_transaction_session_timeout', $2, true)) s", connection)
        {
            Parameters = { new() { Value = (int)partition }, new() { Value = $"{(long)silence.TotalMilliseconds}ms" } },
        };
        return await take.ExecuteScalarAsync(ct) is true;
    }

    /// <summary>The oldest messages of a partition; none of a lane whose head waits for another attempt.</summary>
    public static async Task<IReadOnlyList<WaitingMessage>> Take(NpgsqlConnection connection, short partition, DateTimeOffset now, int most, CancellationToken ct)
    {
        await using var select = new NpgsqlCommand(
            """
            select sequence, lane, message_id, destination, body, attempts
            from outbox
            where partition = $1 and lane not in (select lane from outbox where partition = $1 and attempts > 0 and next_attempt_at > $2)
            order by sequence
            limit $3
            """, connection)
        {
            Parameters = { new() { Value = partition }, new() { Value = now }, new() { Value = most } },
        };
        await using var rows = await select.ExecuteReaderAsync(ct);
        var messages = new List<WaitingMessage>();
        while (await rows.ReadAsync(ct))
            messages.Add(new WaitingMessage(rows.GetInt64(0), rows.GetString(1), rows.GetGuid(2), rows.GetString(3), rows.GetString(4), rows.GetInt32(5)));
        return messages;
    }

    /// <summary>Deletes what was confirmed, and writes down what failed, why, and when it is tried again.</summary>
    public static async Task Settle(
        NpgsqlConnection connection, IReadOnlyList<WaitingMessage> delivered, IReadOnlyList<(WaitingMessage Message, string Error, DateTimeOffset Next)> failed, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("delete from outbox where sequence = any($1)") { Parameters = { new() { Value = delivered.Select(m => m.Sequence).ToArray() } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            """
            update outbox set attempts = attempts + 1, last_error = f.error, next_attempt_at = f.next
            from unnest($1, $2, $3) f (sequence, error, next)
            where outbox.sequence = f.sequence
            """)
        {
            Parameters =
            {
                new() { Value = failed.Select(f => f.Message.Sequence).ToArray() },
                new() { Value = failed.Select(f => Storable(f.Error)).ToArray() },
                new() { Value = failed.Select(f => f.Next).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
            },
        });
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Moves what is due to the outbox; answers how many, and when the next one will be. Two hosts never move the same one.</summary>
    public static async Task<(int Moved, DateTimeOffset? Next)> MoveDue(NpgsqlDataSource database, DateTimeOffset now, int most, CancellationToken ct)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            """
            with due as (
                delete from scheduled_messages
                where token in (select token from scheduled_messages where due_at <= $1 order by due_at limit $2 for update skip locked)
                returning due_at, partition, lane, message_id, destination, message_types, body)
            insert into outbox (partition, lane, message_id, destination, message_types, body, created_at)
            select partition, lane, message_id, destination, message_types, body, $1 from due order by due_at
            """)
        {
            Parameters = { new() { Value = now }, new() { Value = most } },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select min(due_at) from scheduled_messages"));
        await using var rows = await batch.ExecuteReaderAsync(ct);
        var next = await rows.ReadAsync(ct) && !rows.IsDBNull(0) ? rows.GetFieldValue<DateTimeOffset>(0) : (DateTimeOffset?)null;
        await rows.CloseAsync();
        return (batch.BatchCommands[0].RecordsAffected, next);
    }

    // what PostgreSQL refuses of a text (NUL, half a character) must not undo the batch, which would then be sent again for ever
    internal static string Storable(string error)
    {
        var text = error.Length <= LongestError ? error : error[..LongestError];
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');
    }

    internal static short Partition(string lane) => (short)(SHA256.HashData(Encoding.UTF8.GetBytes(lane))[0] % Partitions);
}
