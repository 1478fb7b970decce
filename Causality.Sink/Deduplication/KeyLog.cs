using Causality.EventStore;
using Npgsql;

namespace Causality.Sink.Deduplication;

/// <summary>
/// The keys of events that were stored within the window, a row for each flush: the truth that all sinks share. Who commits a flush holds the
/// lock, so rows become visible in the order of their numbers.
/// </summary>
internal sealed class KeyLog(NpgsqlDataSource database, TimeSpan window)
{
    private const long Lock = 0x6361757361_01;   // "causa", 1: any number that nothing else locks

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>To be taken before anything else of a flush's transaction: flushes of all sinks commit one after another, and never wait for each other twice.</summary>
    public static async Task Hold(NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var take = new NpgsqlBatch(transaction.Connection, transaction)
        {
            BatchCommands =
            {
                // who vanishes or stands still meanwhile must not hold up the others
                WatchedSession.Begin(forTransaction: true),
                new($"set local idle_in_transaction_session_timeout = {(int)Patience.TotalMilliseconds}"),
                new("select pg_advisory_xact_lock($1)") { Parameters = { new() { Value = Lock } } },
            },
        };
        await take.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Adds a row and answers its number; none for no keys. The lock is held.</summary>
    public static async Task<long?> Add(NpgsqlTransaction transaction, UInt128[] sorted, CancellationToken ct)
    {
        if (sorted.Length == 0)
            return null;
        await using var insert = new NpgsqlCommand("insert into event_keys (keys) values ($1) returning id", transaction.Connection, transaction) { Parameters = { new() { Value = KeyBytes.Of(sorted) } } };
        return (long)(await insert.ExecuteScalarAsync(ct))!;
    }

    /// <summary>Whether a row after <paramref name="seen"/>, but for those that are known not to, holds one of the keys; the lock is held.</summary>
    public static async Task<bool> HasAny(NpgsqlTransaction transaction, UInt128[] sorted, long seen, long[] but, CancellationToken ct)
    {
        await using var select = new NpgsqlCommand("select keys from event_keys where id > $1 and not id = any($2)", transaction.Connection, transaction) { Parameters = { new() { Value = seen }, new() { Value = but } } };
        await using var reader = await select.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            if (Intersect(sorted, KeyBytes.Read(reader.GetFieldValue<byte[]>(0))))
                return true;
        return false;
    }

    /// <summary>Number of the first and of the last row; 0 where there is none.</summary>
    public async Task<(long First, long Last)> Extent(CancellationToken ct)
    {
        await using var select = database.CreateCommand("select coalesce(min(id), 0), coalesce(max(id), 0) from event_keys");
        await using var reader = await select.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>The rows after this one, in order, but for these.</summary>
    public async Task After(long id, long[] but, Action<long, UInt128[]> row, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select id, keys from event_keys where id > $1 and not id = any($2) order by id");
        select.Parameters.AddWithValue(id);
        select.Parameters.AddWithValue(but);
        await using var reader = await select.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            row(reader.GetInt64(0), KeyBytes.Read(reader.GetFieldValue<byte[]>(1)));
    }

    /// <summary>
    /// Those of the keys that are in the row named beside them, and within the window. Of a row only the keys around are read, unless that were more than the row.
    /// </summary>
    public async Task<HashSet<UInt128>> Present(IReadOnlyCollection<(UInt128 Key, KeyRow Row)> candidates, CancellationToken ct)
    {
        var present = new HashSet<UInt128>();
        var whole = new List<(UInt128 Key, KeyRow Row)>();
        var parts = new List<(UInt128 Key, KeyRow Row, int At, int Length)>();
        foreach (var row in candidates.GroupBy(c => c.Row))
        {
            var around = row.Select(c => (c.Key, Part: KeyBytes.Neighborhood(c.Key, c.Row.Keys))).ToList();
            if (around.Sum(a => (long)a.Part.Length) < row.Key.Keys)
                parts.AddRange(around.Select(a => (a.Key, row.Key, a.Part.At, a.Part.Length)));
            else
                whole.AddRange(row);
        }
        await ReadParts(parts, present, whole, ct);
        await ReadRows(whole.ToLookup(c => c.Row.Id, c => c.Key), present, ct);
        return present;
    }

    private async Task ReadParts(List<(UInt128 Key, KeyRow Row, int At, int Length)> parts, HashSet<UInt128> present, List<(UInt128 Key, KeyRow Row)> outside, CancellationToken ct)
    {
        if (parts.Count == 0)
            return;
        await using var select = database.CreateCommand(
            """
            select p.n, substring(k.keys from p.at * 16 + 1 for p.length * 16) from unnest($1, $2, $3, $4) as p(n, id, at, length)
            join event_keys k on k.id = p.id and k.at > clock_timestamp() - $5
            """);
        select.Parameters.AddWithValue(Enumerable.Range(0, parts.Count).ToArray());
        select.Parameters.AddWithValue(parts.Select(p => p.Row.Id).ToArray());
        select.Parameters.AddWithValue(parts.Select(p => p.At).ToArray());
        select.Parameters.AddWithValue(parts.Select(p => p.Length).ToArray());
        select.Parameters.AddWithValue(window);
        await using var reader = await select.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var (key, row, at, _) = parts[reader.GetInt32(0)];
            var neighbors = KeyBytes.Read(reader.GetFieldValue<byte[]>(1));
            if (Array.BinarySearch(neighbors, key) >= 0)
                present.Add(key);
            else if (!KeyBytes.IsBracketed(key, neighbors, at, row.Keys))
                outside.Add((key, row));
        }
    }

    private async Task ReadRows(ILookup<long, UInt128> keys, HashSet<UInt128> present, CancellationToken ct)
    {
        if (keys.Count == 0)
            return;
        await using var select = database.CreateCommand("select id, keys from event_keys where id = any($1) and at > clock_timestamp() - $2");
        select.Parameters.AddWithValue(keys.Select(row => row.Key).ToArray());
        select.Parameters.AddWithValue(window);
        await using var reader = await select.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var row = KeyBytes.Read(reader.GetFieldValue<byte[]>(1));
            present.UnionWith(keys[reader.GetInt64(0)].Where(key => Array.BinarySearch(row, key) >= 0));
        }
    }

    /// <summary>Deletes the rows that are older than the window.</summary>
    public async Task Forget(CancellationToken ct)
    {
        await using var delete = database.CreateCommand("delete from event_keys where at < clock_timestamp() - $1");
        delete.Parameters.AddWithValue(window);
        await delete.ExecuteNonQueryAsync(ct);
    }

    private static bool Intersect(UInt128[] one, UInt128[] other)
    {
        for (int i = 0, j = 0; i < one.Length && j < other.Length;)
        {
            if (one[i] == other[j])
                return true;
            if (one[i] < other[j])
                i++;
            else
                j++;
        }
        return false;
    }
}
