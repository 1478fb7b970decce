using Npgsql;

namespace Causality.Sink.Flushing;

/// <summary>
/// Which keys were stored within the window: exact, shared by every sink. Two tables take turns; whoever inserts holds the lock
/// shared, whoever makes them change places holds it alone, so no key can slip between them.
/// </summary>
internal sealed class KeyWindow(NpgsqlDataSource database, TimeSpan window)
{
    private const long Lock = 0x6361757361_01;   // "causa", 1: any number that nothing else locks

    /// <summary>Empties the older table and makes it the current one, when the window has passed.</summary>
    public async Task Rotate(CancellationToken ct)
    {
        await using (var due = database.CreateCommand("select now() - since > $1 from event_key_window"))
        {
            due.Parameters.AddWithValue(window);
            if (await due.ExecuteScalarAsync(ct) is not true)
                return;
        }
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Run(transaction, "select pg_advisory_xact_lock($1)", ct, Lock);
        await using (var select = new NpgsqlCommand("select current_table from event_key_window where now() - since > $1", connection, transaction) { Parameters = { new() { Value = window } } })
        {
            if (await select.ExecuteScalarAsync(ct) is not string current)
                return;   // another sink was first
            var older = Other(current);
            await Run(transaction, $"truncate {older}", ct);
            await Run(transaction, "update event_key_window set current_table = $1, since = now()", ct, older);
        }
        await transaction.CommitAsync(ct);
    }

    /// <summary>Remembers keys, given in order so that two sinks cannot deadlock; answers those that were not known.</summary>
    public static async Task<HashSet<Guid>> Remember(NpgsqlTransaction transaction, Guid[] sorted, CancellationToken ct)
    {
        await Run(transaction, "select pg_advisory_xact_lock_shared($1)", ct, Lock);
        await using var select = new NpgsqlCommand("select current_table from event_key_window", transaction.Connection, transaction);
        var current = (string)(await select.ExecuteScalarAsync(ct))!;
        // a few thousand keys against millions: always by index, whatever the statistics say
        await Run(transaction, "set local enable_hashjoin = off", ct);
        await Run(transaction, "set local enable_mergejoin = off", ct);
        await using var insert = new NpgsqlCommand(
            $"""
            insert into {current} (key)
            select key from unnest($1) as k(key) where not exists (select from {Other(current)} p where p.key = k.key)
            on conflict do nothing returning key
            """, transaction.Connection, transaction);
        insert.Parameters.AddWithValue(sorted);
        var added = new HashSet<Guid>(sorted.Length);
        await using var reader = await insert.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            added.Add(reader.GetGuid(0));
        return added;
    }

    /// <summary>Takes back what this transaction has remembered of events that it does not store after all: they may come again.</summary>
    public static async Task Forget(NpgsqlTransaction transaction, Guid[] keys, CancellationToken ct)
    {
        await using var select = new NpgsqlCommand("select current_table from event_key_window", transaction.Connection, transaction);
        var current = (string)(await select.ExecuteScalarAsync(ct))!;
        await Run(transaction, $"delete from {current} where key = any($1)", ct, keys);
    }

    private static string Other(string table) => table == "event_keys_a" ? "event_keys_b" : "event_keys_a";

    private static async Task Run(NpgsqlTransaction transaction, string sql, CancellationToken ct, params object[] arguments)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        foreach (var argument in arguments)
            command.Parameters.AddWithValue(argument);
        await command.ExecuteNonQueryAsync(ct);
    }
}
