using Causality.Lake.Files;
using Npgsql;

namespace Causality.Lake.Ledger;

/// <summary>The live files of an app at one snapshot, as names that an engine on this machine can open until it is disposed of.</summary>
public sealed class LakeSnapshot(long snapshot, ReadableFiles files, long rows, long bytes) : IDisposable
{
    public long Snapshot => snapshot;

    public IReadOnlyList<string> Files => files.Names;

    public long Rows => rows;

    public long Bytes => bytes;

    public void Dispose() => files.Dispose();
}

/// <summary>Asks the ledger, never the store's listing, which files hold an app's events of a time range.</summary>
public sealed class LakeReader(NpgsqlDataSource database, IObjectStore store)
{
    /// <summary>The files of the newest snapshot with events in [from, to).</summary>
    public async Task<LakeSnapshot> Read(string appId, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        // one statement, so one view of the database: the number and the list belong together
        await using var select = database.CreateCommand(
            """
            select s.snapshot, case when f.published then f.path else f.pending_path end, f.rows, f.bytes
            from lake_snapshots s left join lake_files f on f.app_id = s.app_id and f.added_snapshot <= s.snapshot
                and (f.retired_snapshot is null or f.retired_snapshot > s.snapshot)
                and f.hour between $2 and $3 and f.max_timestamp_ms >= $4 and f.min_timestamp_ms < $5
            where s.app_id = $1
            order by f.hour, f.path
            """);
        var (fromMs, toMs) = (from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
        select.Parameters.AddWithValue(appId);
        select.Parameters.AddWithValue((int)Math.Floor(fromMs / 3_600_000d));
        select.Parameters.AddWithValue((int)Math.Floor((toMs - 1) / 3_600_000d));
        select.Parameters.AddWithValue(fromMs);
        select.Parameters.AddWithValue(toMs);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var files = new List<string>();
        long snapshot = 0, rows = 0, bytes = 0;
        while (await reader.ReadAsync(ct))
        {
            snapshot = reader.GetInt64(0);
            if (reader.IsDBNull(1))
                continue;
            files.Add(reader.GetString(1));
            rows += reader.GetInt64(2);
            bytes += reader.GetInt64(3);
        }
        return new LakeSnapshot(snapshot, await store.Open(files, ct), rows, bytes);
    }
}
