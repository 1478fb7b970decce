using Causality.Lake.DuckDb;

namespace Causality.Testing;

/// <summary>A lake's folder as anybody with DuckDB sees it: Parquet files below <c>events/</c>. Knows nothing of the ledger.</summary>
/// <param name="folder">Where the lake lies.</param>
/// <param name="refresh">For a lake that lies elsewhere: makes the folder its likeness, before each look.</param>
public sealed class PlainLake(string folder, Action? refresh = null) : IDisposable
{
    private readonly DuckDatabase _database = DuckDatabase.OpenInMemory(new Dictionary<string, string> { ["threads"] = "1" });

    public string Folder { get; } = folder;

    /// <summary>What the other side of a comparison reads: <c>FROM {Events}</c>.</summary>
    public string Events => $"read_parquet('{Folder}/events/**/*.parquet', hive_partitioning = true, hive_types_autocast = false)";

    public IReadOnlyList<string> Files
    {
        get
        {
            refresh?.Invoke();
            return Directory.Exists($"{Folder}/events") ? [.. Directory.EnumerateFiles($"{Folder}/events", "*.parquet", SearchOption.AllDirectories)] : [];
        }
    }

    /// <summary>The folders of flushes whose files have no final name, or still have their first.</summary>
    public IReadOnlyList<string> PendingFolders
    {
        get
        {
            refresh?.Invoke();
            return Directory.Exists($"{Folder}/_pending") ? Directory.GetDirectories($"{Folder}/_pending") : [];
        }
    }

    /// <summary>Rows of a query; none while there is no file.</summary>
    public IReadOnlyList<object?[]> Query(string sql)
    {
        if (Files.Count == 0)
            return [];
        using var connection = _database.Connect();
        return connection.Query(sql, CancellationToken.None).Rows;
    }

    /// <summary>How often each idempotency key of an app is stored.</summary>
    public IReadOnlyDictionary<string, long> Keys(string app) =>
        Query($"SELECT idempotency_key, count(*) FROM {Events} WHERE app_id = '{app}' GROUP BY ALL").ToDictionary(r => (string)r[0]!, r => (long)r[1]!);

    public void Dispose() => _database.Dispose();
}
