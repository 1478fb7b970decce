using Npgsql;

namespace Causality.Sink.Deduplication;

/// <summary>
/// The keys of events that were stored within the window, a row for each flush: the truth that all sinks share. Who commits a flush holds the
/// lock, so rows become visible in the order of their numbers.
/// </summary>
internal sealed class KeyLog(NpgsqlDataSource database, TimeSpan window)
{
    private const long Lock = 0x6361757361_01;   // "causa", 1: any number that nothing else locks

    /// <summary>To be taken before anything else of a flush's transaction: flushes of all sinks commit one after another, and never wait for each other twice.</summary>
    public static async Task Hold(NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var take = new NpgsqlCommand("select pg_advisory_xact_lock($1)", transaction.Connection, transaction) { Parameters = { new() { Value = Lock } } };
        await take.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Adds a row; the lock is held.</summary>
    public static async Task<long> Add(NpgsqlTransaction transaction, UInt128[] sorted, CancellationToken ct)
    {
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

    /// <summary>Those of the keys that are in the row named beside them, and within the window. Of a row only the keys around are read.</summary>
    public async Task<HashSet<UInt128>> Present(IReadOnlyList<(UInt128 Key, KeyRow Row)> candidates, CancellationToken ct)
    {
        var present = new HashSet<UInt128>();
        var whole = await Look(candidates.Select(c => (c.Key, c.Row, KeyBytes.Neighborhood(c.Key, c.Row.Keys))).ToList());
        await Look(whole.Select(c => (c.Key, c.Row, (0, c.Row.Keys))).ToList());
        return present;

        async Task<List<(UInt128 Key, KeyRow Row)>> Look(List<(UInt128 Key, KeyRow Row, (int At, int Length) Part)> parts)
        {
            var outside = new List<(UInt128, KeyRow)>();
            if (parts.Count == 0)
                return outside;
            await using var select = database.CreateCommand(
                """
                select p.n, substring(k.keys from p.at * 16 + 1 for p.length * 16) from unnest($1, $2, $3, $4) as p(n, id, at, length)
                join event_keys k on k.id = p.id and k.at > clock_timestamp() - $5
                """);
            select.Parameters.AddWithValue(Enumerable.Range(0, parts.Count).ToArray());
            select.Parameters.AddWithValue(parts.Select(p => p.Row.Id).ToArray());
            select.Parameters.AddWithValue(parts.Select(p => p.Part.At).ToArray());
            select.Parameters.AddWithValue(parts.Select(p => p.Part.Length).ToArray());
            select.Parameters.AddWithValue(window);
            await using var reader = await select.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                var (key, row, part) = parts[reader.GetInt32(0)];
                var neighbors = KeyBytes.Read(reader.GetFieldValue<byte[]>(1));
                if (Array.BinarySearch(neighbors, key) >= 0)
                    present.Add(key);
                else if (!KeyBytes.IsBracketed(key, neighbors, part.At, row.Keys))
                    outside.Add((key, row));
            }
            return outside;
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
