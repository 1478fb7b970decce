using System.Text;
using Causality.Contracts.Events;
using Causality.Lake.DuckDb;
using Causality.Lake.Writing;
using NUnit.Framework;

namespace Causality.Lake.Tests;

[TestFixture]
internal sealed class EventFileWriterTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("causality-writer-").FullName;
    private readonly EventFileWriter _writer = new("256MB");

    [OneTimeTearDown]
    public void Clean()
    {
        _writer.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public void Rows_come_back_by_plain_DuckDB_from_one_file_per_app_and_hour()
    {
        using var batch = new EventBatchWriter();
        var rows = Events(batch, 5_000, i => (i % 2 == 0 ? "shop" : "blog", 500_000 + i % 3));

        var files = _writer.Write(Path.Combine(_folder, "a"), "f", rows, CancellationToken.None);

        Assert.That(files, Has.Count.EqualTo(6));
        Assert.That(files.Sum(f => f.Rows), Is.EqualTo(5_000));
        Assert.That(files.Select(f => f.Path), Has.All.EndsWith(".pending"));
        Assert.That(files.All(f => new FileInfo(Path.Combine(_folder, "a", f.Path)).Length == f.Bytes), Is.True);
        Assert.That(files.Single(f => f is { AppId: "shop", Hour: 500_000 }).Path, Does.StartWith("app_id=shop/year=2027/month=01/day=15/hour=08/"));
        var read = Read($"SELECT count(*), sum(sequence), min(payload_json), max(length(payload_json)), count(user_id), bool_and(is_bot) FROM read_parquet('{_folder}/a/*/*/*/*/*/*.pending', hive_partitioning = false)");
        Assert.That(read.Rows[0], Is.EqualTo(new object?[] { 5_000L, 4_999L * 5_000 / 2, "{\"n\":0}", 10L, 0L, true }));
        var columns = Read($"DESCRIBE SELECT * FROM read_parquet('{_folder}/a/*/*/*/*/*/*.pending', hive_partitioning = false)").Rows.Select(r => (string)r[0]!);
        Assert.That(columns, Is.EqualTo(EventColumns.All.Select(c => c.Name).Where(n => n != "app_id")));
    }

    [Test]
    public void A_batch_of_more_hours_than_files_may_be_open_keeps_every_row()
    {
        using var batch = new EventBatchWriter();
        var rows = Events(batch, 3_000, i => ("shop", 500_000 + i % 700));

        var files = _writer.Write(Path.Combine(_folder, "many"), "f", rows, CancellationToken.None);

        Assert.That(files.Sum(f => f.Rows), Is.EqualTo(3_000));
        Assert.That(files.Select(f => f.Hour).Distinct().Count(), Is.EqualTo(700));
        var read = Read($"SELECT count(*), count(DISTINCT sequence) FROM read_parquet('{_folder}/many/*/*/*/*/*/*.pending', hive_partitioning = false)");
        Assert.That(read.Rows[0], Is.EqualTo(new object?[] { 3_000L, 3_000L }));
    }

    [Test]
    public void A_damaged_row_fails_the_write_and_the_next_write_starts_clean()
    {
        using var batch = new EventBatchWriter();
        batch.Begin();
        batch.Text(EventColumn.AppId, [0xFF]);
        batch.Commit();
        Assert.That(() => _writer.Write(Path.Combine(_folder, "b"), "f", [new EventRow(batch.Written, 5..batch.Length, "x", 1)], CancellationToken.None), Throws.InstanceOf<InvalidDataException>());

        using var good = new EventBatchWriter();
        var files = _writer.Write(Path.Combine(_folder, "c"), "f", Events(good, 1, _ => ("shop", 1)), CancellationToken.None);
        Assert.That(files.Single().Rows, Is.EqualTo(1));
    }

    private static List<EventRow> Events(EventBatchWriter batch, int count, Func<int, (string App, int Hour)> place)
    {
        for (var i = 0; i < count; i++)
        {
            batch.Begin();
            batch.Text(EventColumn.AppId, Encoding.UTF8.GetBytes(place(i).App));
            batch.Text(EventColumn.Id, Encoding.UTF8.GetBytes($"an id longer than twelve bytes {i}"));
            batch.Number(EventColumn.TimestampMs, place(i).Hour * 3_600_000L + i);
            batch.Number(EventColumn.Sequence, i);
            batch.Flag(EventColumn.IsBot, true);
            batch.Text(EventColumn.PayloadJson, Encoding.UTF8.GetBytes($"{{\"n\":{i}}}"));
            batch.Commit();
        }
        var reader = new EventBatchReader();
        reader.Reset(batch.Written);
        var rows = new List<EventRow>();
        for (var i = 0; reader.Next(out var frame); i++)
            rows.Add(new EventRow(batch.Written, frame, place(i).App, place(i).Hour));
        return rows;
    }

    private static DuckRows Read(string sql)
    {
        using var database = DuckDatabase.OpenInMemory(new Dictionary<string, string>());
        using var connection = database.Connect();
        return connection.Query(sql, CancellationToken.None);
    }
}
