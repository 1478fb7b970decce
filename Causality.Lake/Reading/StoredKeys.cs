using System.Globalization;
using Causality.Lake.DuckDb;
using Causality.Lake.Files;
using Causality.Lake.Properties;
using Npgsql;

namespace Causality.Lake.Reading;

/// <summary>Looks into the live files of a partition for idempotency keys: exact, and slow beside the window of recent keys. For what comes late and seldom.</summary>
public sealed class StoredKeys(IObjectStore store, string memoryLimit)
{
    /// <summary>Those of the keys that an event of this app and hour (since 1970, UTC) is stored with.</summary>
    public async Task<HashSet<string>> Among(NpgsqlConnection connection, string appId, int hour, IReadOnlyCollection<string> keys, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(keys);
        var paths = new List<string>();
        await using (var select = new NpgsqlCommand(
            "select case when published then path else pending_path end from lake_files where app_id = $1 and hour = $2 and added_snapshot is not null and retired_snapshot is null",
            connection))
        {
            select.Parameters.AddWithValue(appId);
            select.Parameters.AddWithValue(hour);
            await using var reader = await select.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
                paths.Add(reader.GetString(0));
        }
        if (paths.Count == 0 || keys.Count == 0)
            return [];
        using var files = await store.Open(paths, ct);
        return await Task.Run(() =>
        {
            using var database = DuckDatabase.OpenInMemory(new Dictionary<string, string> { ["threads"] = "1", ["memory_limit"] = memoryLimit });
            using var connection = database.Connect();
            var places = string.Join(", ", Enumerable.Range(1, keys.Count).Select(n => string.Create(CultureInfo.InvariantCulture, $"${n}")));
            return connection.Query($"SELECT DISTINCT idempotency_key FROM read_parquet({PropertySql.Files(files.Names)}) WHERE idempotency_key IN ({places})", ct, [.. keys])
                .Rows.Select(row => (string)row[0]!).ToHashSet(StringComparer.Ordinal);
        }, ct);
    }
}
