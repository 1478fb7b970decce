using System.Text.Json;
using Causality.Lake.DuckDb;
using Npgsql;

namespace Causality.Benchmarks.Faults;

/// <summary>A row of the lake, and the checksum of what it says.</summary>
internal readonly record struct StoredEvent(string App, string Key, string Checksum, string File);

/// <summary>
/// The lake as it is: the ledger's live files read with plain DuckDB, and the store's own listing beside them.
/// </summary>
/// <param name="Missing">Live files that are not there.</param>
/// <param name="Stray">Files among the events that the ledger does not know: a reader with a glob would count them.</param>
/// <param name="Miscounted">Live files with another number of rows than the ledger says.</param>
internal sealed record StoredEvents(IReadOnlyList<StoredEvent> Rows, IReadOnlyList<string> Missing, IReadOnlyList<string> Stray, IReadOnlyList<string> Miscounted)
{
    private const int FilesAtOnce = 500;
    private const string EventsPrefix = "events";

    public static async Task<StoredEvents> Read(NpgsqlDataSource database, ILakeFolder lake, CancellationToken ct)
    {
        var live = new Dictionary<string, long>();
        var known = new HashSet<string>();
        await using (var select = database.CreateCommand(
            "select path, case when published then path else pending_path end, rows, added_snapshot is not null and retired_snapshot is null from lake_files"))
        await using (var reader = await select.ExecuteReaderAsync(ct))
            while (await reader.ReadAsync(ct))
            {
                known.Add(reader.GetString(0));
                if (reader.GetBoolean(3))
                    live.Add(reader.GetString(1), reader.GetInt64(2));
            }
        HashSet<string> there = [.. await lake.List(EventsPrefix, ct), .. await lake.List("_pending", ct)];
        var missing = live.Keys.Where(path => !there.Contains(path)).ToList();
        var stray = there.Where(path => path.StartsWith(EventsPrefix + "/", StringComparison.Ordinal) && !known.Contains(path)).ToList();

        using var duck = DuckDatabase.OpenInMemory(new Dictionary<string, string> { ["threads"] = "1" });
        using var connection = duck.Connect();
        var rows = new List<StoredEvent>();
        var miscounted = new List<string>();
        foreach (var some in live.Keys.Except(missing).Chunk(FilesAtOnce))
        {
            var names = new Dictionary<string, string>();
            foreach (var path in some)
                names.Add(await lake.Readable(path, ct), path);
            var before = rows.Count;
            rows.AddRange(Read(connection, names, ct));
            var counts = rows.Skip(before).CountBy(r => r.File).ToDictionary();
            miscounted.AddRange(some.Where(path => counts.GetValueOrDefault(path) != live[path]));
        }
        return new StoredEvents(rows, missing, stray, miscounted);
    }

    private static IEnumerable<StoredEvent> Read(DuckConnection connection, Dictionary<string, string> names, CancellationToken ct)
    {
        var list = string.Join(", ", names.Keys.Select(name => $"'{name.Replace("'", "''", StringComparison.Ordinal)}'"));
        foreach (var row in connection.Query(
            $"""
            SELECT app_id, idempotency_key, device_id, timestamp_ms, event_type, payload_json, filename
            FROM read_parquet([{list}], hive_partitioning = true, hive_types_autocast = false, union_by_name = true, filename = true)
            """, ct).Rows)
            yield return new StoredEvent(Text(row[0]), Text(row[1]), Checksum(row), names[Text(row[6])]);
    }

    private static string Text(object? value) => value as string ?? "";

    // not the checksum that the row carries, but the one of what it holds now
    private static string Checksum(object?[] row)
    {
        try
        {
            using var payload = JsonDocument.Parse(Text(row[5]));
            var text = payload.RootElement.GetProperty("text").GetString()!;
            var number = payload.RootElement.GetProperty("number").GetInt64();
            var carried = payload.RootElement.GetProperty("checksum").GetString();
            var sum = SentEvent.Sum(Text(row[0]), Text(row[1]), Text(row[2]), (long)row[3]!, Text(row[4]), text, number);
            return sum == carried ? sum : $"{sum}, and it carries {carried}";
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return $"unreadable: {broken.Message}";
        }
    }
}
