using Causality.Contracts;
using Causality.Lake.Files;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Lake.Ledger;

/// <summary>The live files of an app at one snapshot, as names that an engine on this machine can open until it is disposed of.</summary>
public sealed class LakeSnapshot(long snapshot, ReadableFiles files, IReadOnlyList<TypedColumns> typed, long rows, long bytes) : IDisposable
{
    public long Snapshot => snapshot;

    public IReadOnlyList<string> Files => files.Names;

    /// <summary>For each of <see cref="Files"/>, the properties that have a column of their own in it.</summary>
    public IReadOnlyList<TypedColumns> Typed => typed;

    public long Rows => rows;

    public long Bytes => bytes;

    public void Dispose() => files.Dispose();
}

/// <summary>Asks the ledger, never the store's listing, which files hold an app's events of a time range.</summary>
public sealed class LakeReader(NpgsqlDataSource database, IObjectStore store)
{
    /// <summary>The files of the newest snapshot with events in [from, to).</summary>
    public Task<LakeSnapshot> Read(string appId, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) => Read(appId, from, to, null, ct);

    /// <summary>
    /// The files of a snapshot, the newest when <paramref name="asOf"/> is null. Refuses a snapshot that is not there yet, one whose
    /// retired files may be gone, and one from before an erasure.
    /// </summary>
    public async Task<LakeSnapshot> Read(string appId, DateTimeOffset from, DateTimeOffset to, long? asOf, CancellationToken ct)
    {
        // one statement, so one view of the database: the number and the list belong together
        await using var select = database.CreateCommand(
            """
            select s.snapshot, s.readable_from, s.erased_from, case when f.published then f.path else f.pending_path end, f.rows, f.bytes, f.typed_columns::text
            from lake_snapshots s left join lake_files f on f.app_id = s.app_id and f.added_snapshot <= coalesce($6, s.snapshot)
                and (f.retired_snapshot is null or f.retired_snapshot > coalesce($6, s.snapshot))
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
        select.Parameters.Add(new NpgsqlParameter { Value = (object?)asOf ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
        await using var reader = await select.ExecuteReaderAsync(ct);
        var (files, typed) = (new List<string>(), new List<TypedColumns>());
        long newest = 0, rows = 0, bytes = 0;
        while (await reader.ReadAsync(ct))
        {
            newest = reader.GetInt64(0);
            if (asOf < Math.Max(reader.GetInt64(1), reader.GetInt64(2)))
                throw new RefusedException("snapshot-gone", asOf < reader.GetInt64(2)
                    ? $"Since snapshot {asOf} of {appId}, somebody's events have been erased; earlier than {reader.GetInt64(2)} nothing is answered any more."
                    : $"Files of snapshot {asOf} of {appId} have been replaced and may be deleted; {reader.GetInt64(1)} is the earliest that can be read.", 410);
            if (reader.IsDBNull(3))
                continue;
            files.Add(reader.GetString(3));
            rows += reader.GetInt64(4);
            bytes += reader.GetInt64(5);
            typed.Add(TypedColumns.Parse(reader.GetString(6)));
        }
        if (asOf > newest)
            throw new RefusedException("snapshot-unknown", $"The newest snapshot of {appId} is {newest}; {asOf} is not there yet.", 404);
        return new LakeSnapshot(asOf ?? newest, await store.Open(files, ct), typed, rows, bytes);
    }
}
