using System.Diagnostics;
using System.Globalization;
using Causality.Benchmarks.Load;
using Causality.Contracts.Events;
using Causality.Lake.DuckDb;

namespace Causality.Benchmarks.Calibrators;

/// <summary>What DuckDB does by itself: K3 writes rows as zstd Parquet, K5 answers hand-written SQL over the lake's files.</summary>
internal sealed class BareDuck : IDisposable
{
    private const int Rows = 100_000;
    private readonly DuckDatabase _database = DuckDatabase.OpenInMemory(new Dictionary<string, string>
    {
        ["threads"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
    });
    private readonly DuckConnection _connection;

    public BareDuck()
    {
        _connection = _database.Connect();
        // an option of the extension, which is built in but comes only when it is called
        _connection.Execute("LOAD parquet");
        _connection.Execute("SET parquet_metadata_cache = true");
    }

    /// <summary>K3: rows per second of one COPY of rows like those that are sent, the median of seven.</summary>
    public double CopyRows(string folder, CancellationToken ct)
    {
        var kinds = Enumerable.Range(0, 5).Select(kind => $"SELECT {string.Join(", ", Columns(kind))} FROM range({Rows / 5}) r(i)");
        _connection.Execute($"CREATE OR REPLACE TABLE k3 AS {string.Join(" UNION ALL ", kinds)}", ct);
        var file = Path.Combine(folder, "k3.parquet");
        var seconds = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            var start = Stopwatch.GetTimestamp();
            _connection.Execute($"COPY k3 TO '{file.Replace("'", "''", StringComparison.Ordinal)}' (FORMAT parquet, COMPRESSION zstd)", ct);
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        File.Delete(file);
        _connection.Execute("DROP TABLE k3", ct);
        return Rows / seconds.Order().ElementAt(seconds.Count / 2);
    }

    /// <summary>K5: the rows of the answer, and the milliseconds that it took.</summary>
    public (DuckRows Answer, double Ms) Ask(string sql, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        var answer = _connection.Query(sql, ct);
        return (answer, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
    }

    private static IEnumerable<string> Columns(int kind)
    {
        var row = SampleEvents.Row(kind, DateTimeOffset.UtcNow).ToDictionary(r => r.Column, r => r.Value);
        foreach (var column in EventColumns.All.Where(c => c.Column != EventColumn.AppId))
        {
            var type = column.Kind switch { ColumnKind.Integer => "INTEGER", ColumnKind.BigInteger => "BIGINT", ColumnKind.Flag => "BOOLEAN", _ => "VARCHAR" };
            var value = column.Column is EventColumn.IdempotencyKey or EventColumn.Id ? $"md5(concat(i, '-{kind}'))"
                : row.TryGetValue(column.Column, out var found) ? $"'{Convert.ToString(found, CultureInfo.InvariantCulture)!.Replace("'", "''", StringComparison.Ordinal)}'" : "NULL";
            yield return $"{value}::{type} AS {column.Name}";
        }
    }
}
