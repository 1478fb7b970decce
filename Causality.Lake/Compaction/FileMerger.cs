using Causality.Contracts.Events;
using Causality.Lake.DuckDb;
using Causality.Lake.Ledger;
using Causality.Lake.Properties;

namespace Causality.Lake.Compaction;

/// <summary>A file that was written from others: what the ledger needs of it, and how many rows were left out, by the hour of receipt.</summary>
public sealed record RewrittenFile(long Rows, long Bytes, long MinTimestampMs, long MaxTimestampMs, TypedColumns Typed, IReadOnlyDictionary<int, long> Removed);

/// <summary>
/// Writes Parquet files from Parquet files, by a DuckDB instance of its own: one thread, bounded memory, and a folder for what does not
/// fit into it. One caller at a time.
/// </summary>
public sealed class FileMerger : IDisposable
{
    /// <summary>Rows of a row group: what a reader can skip by its statistics and bloom filters.</summary>
    public const int RowGroupRows = 61_440;

    private static readonly string Columns = string.Join(", ", EventColumns.All.Where(c => c.Column != EventColumn.AppId).Select(c => c.Name));

    private static readonly string JsonMembers = string.Join(", ", EventColumns.All.Where(c => c.Column != EventColumn.AppId)
        .Select(c => c.Column == EventColumn.PayloadJson ? "'\"payload\":' || payload_json" : $"CASE WHEN {c.Name} IS NOT NULL THEN '\"{c.Name}\":' || CAST(to_json({c.Name}) AS VARCHAR) END"));

    private readonly DuckDatabase _database;
    private readonly DuckConnection _connection;

    /// <param name="memoryLimit">As DuckDB writes sizes.</param>
    /// <param name="spillFolder">Where what does not fit into memory lies until this is disposed of; the system's folder for such when null.</param>
    public FileMerger(string memoryLimit, string? spillFolder = null)
    {
        var settings = new Dictionary<string, string> { ["threads"] = "1", ["memory_limit"] = memoryLimit };
        if (spillFolder is not null)
            settings["temp_directory"] = spillFolder;
        _database = DuckDatabase.OpenInMemory(settings);
        _connection = _database.Connect();
    }

    /// <summary>
    /// Merges <paramref name="files"/> into one, sorted by event type and time. Of rows with one key the first received stays; rows whose
    /// key is in one of <paramref name="others"/> go. Properties whose values fit get a column beside the payload.
    /// </summary>
    public RewrittenFile Merge(IReadOnlyList<string> files, IReadOnlyList<string> others, string into, IReadOnlyList<HotProperty> properties, CancellationToken ct)
    {
        // what ORDER BY says is kept nevertheless; without it DuckDB need not hold row groups back
        _connection.Execute("SET preserve_insertion_order = false", ct);
        var removed = FindDuplicates(files, others, ct);
        var kept = $"read_parquet({PropertySql.Files(files)}, hive_partitioning = false, union_by_name = true{(removed.Count > 0 ? ", filename = true, file_row_number = true) f WHERE NOT EXISTS (FROM removed r WHERE r.filename = f.filename AND r.file_row_number = f.file_row_number)" : ")")}";
        var typed = Types(kept, properties, ct);
        var also = properties.Where(p => typed[p.Name] is not null).Select(p => $", TRY_CAST({PropertySql.Json(p.Name)} AS {typed[p.Name]!.Type}) AS {p.Column}");
        return Write($"SELECT {Columns}{string.Concat(also)} FROM {kept} ORDER BY event_type, timestamp_ms", files, into, typed, removed, ct);
    }

    /// <summary>Copies a file, in its order, without the rows that <paramref name="condition"/> (SQL over the columns, never NULL) is true of.</summary>
    public RewrittenFile Without(string condition, string file, string into, TypedColumns typed, CancellationToken ct)
    {
        var removed = ByHour($"SELECT received_at_ms // 3600000, count(*) FROM read_parquet({PropertySql.Files([file])}, hive_partitioning = false) WHERE {condition} GROUP BY 1", ct);
        _connection.Execute("SET preserve_insertion_order = true", ct);
        return Write($"SELECT * FROM read_parquet({PropertySql.Files([file])}, hive_partitioning = false) WHERE NOT ({condition})", [file], into, typed, removed, ct);
    }

    /// <summary>How many rows of each file the condition is true of; files without any are left out.</summary>
    public IReadOnlyDictionary<string, long> Count(string condition, IReadOnlyCollection<string> files, CancellationToken ct) =>
        _connection.Query($"SELECT filename, count(*) FROM read_parquet({PropertySql.Files(files)}, hive_partitioning = false, filename = true) WHERE {condition} GROUP BY 1", ct)
            .Rows.ToDictionary(r => (string)r[0]!, r => (long)r[1]!);

    /// <summary>How many rows were received in which hour (since 1970, UTC).</summary>
    public IReadOnlyDictionary<int, long> ReceivedHours(IReadOnlyCollection<string> files, CancellationToken ct) =>
        ByHour($"SELECT received_at_ms // 3600000, count(*) FROM read_parquet({PropertySql.Files(files)}, hive_partitioning = false) GROUP BY 1", ct);

    /// <summary>
    /// The rows of a file that a condition is true of and that lie behind <paramref name="after"/> (-1 for the first), at most
    /// <paramref name="limit"/>: where each lies, and one JSON object of the columns that have a value, the payload as JSON.
    /// </summary>
    public IReadOnlyList<(long Row, string Json)> Json(string condition, string file, long after, int limit, CancellationToken ct) =>
        [.. _connection.Query($"SELECT file_row_number, '{{' || concat_ws(',', {JsonMembers}) || '}}' FROM read_parquet({PropertySql.Files([file])}, hive_partitioning = false, file_row_number = true) WHERE ({condition}) AND file_row_number > {after} ORDER BY 1 LIMIT {limit}", ct)
            .Rows.Select(r => ((long)r[0]!, (string)r[1]!))];

    /// <summary>The rows that a file says it has, in its footer. Null when it is not there or no Parquet file.</summary>
    public long? RowsOf(string file, CancellationToken ct)
    {
        try
        {
            return (long)_connection.Query($"SELECT num_rows FROM parquet_file_metadata({PropertySql.Files([file])})", ct).Rows[0][0]!;
        }
        catch (DuckException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
    }

    private Dictionary<int, long> FindDuplicates(IReadOnlyList<string> files, IReadOnlyList<string> others, CancellationToken ct)
    {
        // narrow passes first: nearly always there is none, and the rows need not be looked at again
        _connection.Execute($"""
            CREATE OR REPLACE TEMP TABLE again AS
            SELECT idempotency_key FROM read_parquet({PropertySql.Files(files)}, hive_partitioning = false) GROUP BY 1 HAVING count(*) > 1
            """, ct);
        _connection.Execute(others.Count == 0 ? "CREATE OR REPLACE TEMP TABLE elsewhere (idempotency_key VARCHAR)" : $"""
            CREATE OR REPLACE TEMP TABLE elsewhere AS
            SELECT DISTINCT idempotency_key FROM read_parquet({PropertySql.Files(others)}, hive_partitioning = false)
            SEMI JOIN (SELECT idempotency_key FROM read_parquet({PropertySql.Files(files)}, hive_partitioning = false)) USING (idempotency_key)
            """, ct);
        _connection.Execute($"""
            CREATE OR REPLACE TEMP TABLE removed AS
            SELECT filename, file_row_number, received_at_ms FROM (
                SELECT filename, file_row_number, received_at_ms, idempotency_key IN (FROM elsewhere) AS there,
                    row_number() OVER (PARTITION BY idempotency_key ORDER BY received_at_ms, id, filename, file_row_number) AS copy
                FROM read_parquet({PropertySql.Files(files)}, hive_partitioning = false, filename = true, file_row_number = true)
                WHERE idempotency_key IN (FROM again) OR idempotency_key IN (FROM elsewhere))
            WHERE there OR copy > 1
            """, ct);
        return ByHour("SELECT received_at_ms // 3600000, count(*) FROM removed GROUP BY 1", ct);
    }

    /// <summary>A type for each property that all of its values in these rows fit, so that the column gives what the JSON gives.</summary>
    private TypedColumns Types(string rows, IReadOnlyList<HotProperty> properties, CancellationToken ct)
    {
        if (properties.Count == 0)
            return TypedColumns.None;
        static string Counts(HotProperty property)
        {
            var (kind, text) = ($"json_type(payload_json, {PropertySql.Pointer(property.Name)})", PropertySql.Json(property.Name));
            return $"""
                count(*) FILTER ({kind} <> 'NULL'), count(*) FILTER ({kind} = 'VARCHAR'), count(*) FILTER ({kind} = 'BOOLEAN'),
                count(*) FILTER ({kind} IN ('BIGINT', 'UBIGINT', 'DOUBLE', 'HUGEINT', 'UHUGEINT') AND TRY_CAST({text} AS DOUBLE) IS NOT NULL),
                count(*) FILTER ({kind} IN ('BIGINT', 'UBIGINT') AND CAST(TRY_CAST({text} AS BIGINT) AS VARCHAR) = {text})
                """;
        }
        var counts = _connection.Query($"SELECT {string.Join(", ", properties.Select(Counts))} FROM {rows}", ct).Rows[0];
        var typed = new Dictionary<string, TypedColumn?>();
        foreach (var (property, i) in properties.Select((p, i) => (p, i * 5)))
            typed[property.Name] = (long)counts[i]! is > 0 and var all && Type(all, i) is { } type ? new TypedColumn(property.Column, type) : null;
        return new TypedColumns(typed);

        string? Type(long all, int i) =>
            all == (long)counts[i + 1]! ? "VARCHAR" : all == (long)counts[i + 2]! ? "BOOLEAN" : all == (long)counts[i + 4]! ? "BIGINT" : all == (long)counts[i + 3]! ? "DOUBLE" : null;
    }

    private RewrittenFile Write(string select, IReadOnlyList<string> from, string into, TypedColumns typed, IReadOnlyDictionary<int, long> removed, CancellationToken ct)
    {
        var expected = (long)_connection.Query($"SELECT count(*) FROM read_parquet({PropertySql.Files(from)}, hive_partitioning = false)", ct).Rows[0][0]! - removed.Values.Sum();
        _connection.Execute($"COPY ({select}) TO {PropertySql.Literal(into)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {RowGroupRows})", ct);
        // what stands in the place of other files is read back first
        var back = _connection.Query($"SELECT count(*), min(timestamp_ms), max(timestamp_ms), count(idempotency_key), count(event_type) FROM read_parquet({PropertySql.Files([into])}, hive_partitioning = false)", ct).Rows[0];
        if ((long)back[0]! != expected || (long)back[3]! != expected)
            throw new InvalidDataException($"{expected} rows went into {Path.GetFileName(into)}, {back[0]} came back.");
        return new RewrittenFile(expected, new FileInfo(into).Length, (long?)back[1] ?? 0, (long?)back[2] ?? 0, typed, removed);
    }

    // an hour beyond what the books count in is cut as the sink cuts it
    private Dictionary<int, long> ByHour(string sql, CancellationToken ct) =>
        _connection.Query(sql, ct).Rows.GroupBy(r => unchecked((int)(long)r[0]!)).ToDictionary(hour => hour.Key, hour => hour.Sum(r => (long)r[1]!));

}
