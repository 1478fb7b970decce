using Npgsql;

namespace Causality.Lake.Ledger;

/// <summary>A live file: the name by which it is readable now, and what the ledger knows of it.</summary>
public sealed record LiveFile(string Name, LakeFile File, long AddedSnapshot);

/// <summary>What maintenance asks the ledger: the live files of an app.</summary>
public sealed class LiveFiles(NpgsqlDataSource database)
{
    /// <summary>Those of the partitions [from, to) (hours since 1970, UTC), in the order of hours and paths.</summary>
    public async Task<IReadOnlyList<LiveFile>> Of(string appId, int from, int to, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            """
            select case when published then path else pending_path end, path, pending_path, hour, rows, bytes, min_timestamp_ms, max_timestamp_ms, compacted, sorted, typed_columns::text, added_snapshot
            from lake_files where app_id = $1 and hour >= $2 and hour < $3 and retired_snapshot is null and added_snapshot is not null order by hour, path
            """);
        select.Parameters.AddWithValue(appId);
        select.Parameters.AddWithValue(from);
        select.Parameters.AddWithValue(to);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var files = new List<LiveFile>();
        while (await reader.ReadAsync(ct))
            files.Add(new LiveFile(reader.GetString(0), new LakeFile(reader.GetString(1), reader.GetString(2), appId, reader.GetInt32(3), reader.GetInt64(4), reader.GetInt64(5),
                reader.GetInt64(6), reader.GetInt64(7), reader.GetInt32(8), reader.GetBoolean(9), TypedColumns.Parse(reader.GetString(10))), reader.GetInt64(11)));
        return files;
    }
}
