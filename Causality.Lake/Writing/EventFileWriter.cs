using System.Globalization;
using Causality.Contracts.Events;
using Causality.Lake.DuckDb;

namespace Causality.Lake.Writing;

/// <summary>One event to be stored: where it lies in its batch, and the hour (since 1970, UTC) of its partition.</summary>
public readonly record struct EventRow(ReadOnlyMemory<byte> Batch, Range Frame, string AppId, int Hour);

/// <summary>A file that was written: its place below the folder, its rows and bytes.</summary>
public sealed record WrittenFile(string Path, string AppId, int Hour, long Rows, long Bytes);

/// <summary>
/// Writes events as zstd Parquet, one file for each app and hour, in one pass: DuckDB takes the rows as whole chunks and one
/// COPY spreads them over the partitions. One caller at a time.
/// </summary>
public sealed class EventFileWriter : IDisposable
{
    /// <summary>Files that are not readable by their final name yet end so; no glob for Parquet finds them.</summary>
    public const string Extension = "pending";

    // DuckDB keeps buffers of several megabytes for each partition that it has open; what falls in more is written in turns
    private const int OpenFiles = 32;

    private static readonly IReadOnlyList<ColumnDefinition> FileColumns = [.. EventColumns.All.Where(c => c.Column != EventColumn.AppId)];

    private readonly DuckDatabase _database;
    private readonly DuckConnection _connection;
    private readonly EventBatchReader _reader = new();

    public EventFileWriter(string memoryLimit)
    {
        // one thread: a partition then gets one file, and the machine's other cores are for requests
        _database = DuckDatabase.OpenInMemory(new Dictionary<string, string> { ["threads"] = "1", ["memory_limit"] = memoryLimit });
        _connection = _database.Connect();
    }

    /// <summary>Writes the rows below <paramref name="folder"/> as <c>app_id=…/year=…/month=…/day=…/hour=…/&lt;name&gt;.pending</c>.</summary>
    public IReadOnlyList<WrittenFile> Write(string folder, string name, IReadOnlyList<EventRow> rows, CancellationToken ct)
    {
        if (rows.DistinctBy(r => (r.AppId, r.Hour)).Count() <= OpenFiles)
            return WriteAtOnce(folder, name, rows, ct);
        return [.. rows.GroupBy(r => (r.AppId, r.Hour)).Chunk(OpenFiles).SelectMany(some => WriteAtOnce(folder, name, [.. some.SelectMany(p => p)], ct))];
    }

    private IReadOnlyList<WrittenFile> WriteAtOnce(string folder, string name, IReadOnlyList<EventRow> rows, CancellationToken ct)
    {
        var columns = string.Join(", ", FileColumns.Select(c => $"{c.Name} {SqlType(c.Kind)}"));
        _connection.Execute($"CREATE OR REPLACE TEMP TABLE flush ({columns}, app_id VARCHAR, year VARCHAR, month VARCHAR, day VARCHAR, hour VARCHAR)", ct);
        try
        {
            using (var appender = _connection.Append("flush"))
            {
                foreach (var row in rows)
                    Append(appender, row);
                appender.Close();
            }
            var written = _connection.Query(
                $"""
                COPY flush TO '{Quote(folder)}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARTITION_BY (app_id, year, month, day, hour),
                    OVERWRITE_OR_IGNORE, FILENAME_PATTERN '{Quote(name)}-{'{'}i{'}'}', FILE_EXTENSION '{Extension}', RETURN_STATS)
                """, ct);
            return [.. written.Rows.Select(r => Describe(Path.GetRelativePath(folder, (string)r[0]!), (long)r[1]!, (long)r[2]!))];
        }
        finally
        {
            _connection.Execute("DROP TABLE IF EXISTS flush", CancellationToken.None);
        }
    }

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
    }

    internal static string Quote(string text) => text.Replace("'", "''", StringComparison.Ordinal);

    private static string SqlType(ColumnKind kind) => kind switch
    {
        ColumnKind.Integer => "INTEGER",
        ColumnKind.BigInteger => "BIGINT",
        ColumnKind.Flag => "BOOLEAN",
        _ => "VARCHAR",
    };

    private static WrittenFile Describe(string path, long rows, long bytes)
    {
        var values = path.Split('/')[..5].Select(p => p[(p.IndexOf('=', StringComparison.Ordinal) + 1)..]).ToArray();
        var at = DateTime.ParseExact(string.Join(' ', values[1..]), "yyyy MM dd HH", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        return new WrittenFile(path, values[0], (int)(at - DateTime.UnixEpoch).TotalHours, rows, bytes);
    }

    private void Append(DuckAppender appender, EventRow row)
    {
        _reader.Reset(row.Batch);
        if (_reader.Read(row.Frame) is { } wrong)
            throw new InvalidDataException(wrong);
        for (var i = 0; i < FileColumns.Count; i++)
        {
            var column = FileColumns[i];
            if (!_reader.Has(column.Column))
                appender.SetNull(i);
            else if (column.Kind == ColumnKind.Text)
                appender.Set(i, _reader.Text(column.Column));
            else if (column.Kind == ColumnKind.BigInteger)
                appender.Set(i, _reader.Number(column.Column));
            else if (column.Kind == ColumnKind.Integer)
                appender.Set(i, (int)_reader.Number(column.Column));
            else
                appender.Set(i, _reader.Number(column.Column) != 0);
        }
        appender.Set(FileColumns.Count, _reader.Text(EventColumn.AppId));
        Span<byte> text = stackalloc byte[10];
        DateTime.UnixEpoch.AddHours(row.Hour).TryFormat(text, out _, "yyyyMMddHH", CultureInfo.InvariantCulture);
        appender.Set(FileColumns.Count + 1, text[..4]);
        appender.Set(FileColumns.Count + 2, text[4..6]);
        appender.Set(FileColumns.Count + 3, text[6..8]);
        appender.Set(FileColumns.Count + 4, text[8..]);
        appender.EndRow();
    }
}
