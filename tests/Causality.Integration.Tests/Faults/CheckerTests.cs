using Causality.Benchmarks.Faults;
using Causality.Benchmarks.Faults.Kinds;
using Causality.Lake.DuckDb;
using NUnit.Framework;

namespace Causality.Integration.Tests.Faults;

/// <summary>A checker that cannot fail proves nothing: what somebody does to a lake that was filled and drained, it tells.</summary>
[TestFixture]
internal sealed class CheckerTests
{
    /// <summary>What a live file is replaced by, and what then is lost, doubled, invented and changed.</summary>
    private static readonly (string What, string Sql, (int, int, int, int) Found)[] Tamperings =
    [
        ("nothing", "SELECT * FROM file", (0, 0, 0, 0)),
        ("a row is gone", "SELECT * FROM file OFFSET 1", (1, 0, 0, 0)),
        ("a row is there twice", "SELECT * FROM file UNION ALL (SELECT * FROM file LIMIT 1)", (0, 1, 0, 0)),
        ("a row that nobody sent", "SELECT * FROM file UNION ALL (SELECT * REPLACE ('stranger' AS idempotency_key) FROM file LIMIT 1)", (0, 0, 1, 0)),
        ("a payload that has another value", Changed("replace(payload_json, '\"number\":', '\"number\":1') AS payload_json"), (0, 0, 0, 1)),
        ("a payload that has nothing", Changed("'{}' AS payload_json"), (0, 0, 0, 1)),
        ("another time", Changed("timestamp_ms + 1 AS timestamp_ms"), (0, 0, 0, 1)),
        ("another device", Changed("device_id || 'x' AS device_id"), (0, 0, 0, 1)),
    ];

    private readonly Dictionary<string, FaultResult> _results = [];
    private FaultResult _moved = null!;

    private static IEnumerable<TestCaseData> Cases() => Tamperings.Select(t => new TestCaseData(t.What, t.Found).SetArgDisplayNames(t.What));

    private static string Changed(string what) => $"(SELECT * REPLACE ({what}) FROM file LIMIT 1) UNION ALL (SELECT * FROM file OFFSET 1)";

    [OneTimeSetUp]
    public Task FillAndTamper() => FaultTests.Run(new Nothing(), async site =>
    {
        await using var select = site.Database.CreateCommand("select path from lake_files where published and retired_snapshot is null order by rows desc limit 1");
        var path = Path.Combine(site.Data, "lake", (string)(await select.ExecuteScalarAsync())!);
        var original = Path.Combine(site.Data, "original");
        File.Move(path, original);
        foreach (var (what, sql, _) in Tamperings)
        {
            Rewrite(original, path, sql);
            _results[what] = await FaultRun.Check(new Nothing(), site, 0, [], CancellationToken.None);
        }
        File.Move(path, Path.Combine(Path.GetDirectoryName(path)!, "elsewhere.parquet"));
        _moved = await FaultRun.Check(new Nothing(), site, 0, [], CancellationToken.None);
        File.Move(original, path);
    });

    [TestCaseSource(nameof(Cases))]
    public void What_was_done_to_a_lake_is_told(string what, (int, int, int, int) found)
    {
        var result = _results[what];
        var comparison = result.Comparison;

        Assert.That((comparison.Lost.Count, comparison.Doubled.Count, comparison.Invented.Count, comparison.Changed.Count), Is.EqualTo(found), () => FaultTests.Words(result));
        Assert.That(result.Survived, Is.EqualTo(what == "nothing"), () => FaultTests.Words(result));
    }

    [TestCase("a row is gone")]
    [TestCase("a row is there twice")]
    [TestCase("a row that nobody sent")]
    public void Files_with_other_rows_than_the_ledger_says_are_told_by_file_and_by_the_books(string what) =>
        Assert.That((_results[what].Stored.Miscounted.Count, _results[what].Books.Count), Is.EqualTo((1, 1)), () => FaultTests.Words(_results[what]));

    [Test]
    public void A_file_that_is_gone_and_one_that_the_ledger_does_not_know_are_told()
    {
        Assert.That((_moved.Stored.Missing.Count, _moved.Stored.Stray.Count), Is.EqualTo((1, 1)), () => FaultTests.Words(_moved));
        Assert.That(_moved.Comparison.Lost, Is.Not.Empty);
        Assert.That(_moved.Survived, Is.False);
    }

    [Test]
    public void A_key_that_was_only_ever_refused_must_not_be_stored_and_one_without_an_answer_may()
    {
        var (refused, unknown, absent) = (SentEvent.Make("app", DateTimeOffset.UnixEpoch), SentEvent.Make("app", DateTimeOffset.UnixEpoch), SentEvent.Make("app", DateTimeOffset.UnixEpoch));
        var journal = new Journal();
        journal.Ask([refused, unknown, absent]);
        journal.Take(refused, Answer.Refused);
        journal.Take(unknown, Answer.Unknown);

        var comparison = Comparison.Of(journal, [.. new[] { refused, unknown }.Select(s => new StoredEvent(s.App, s.Key, s.Checksum, "file"))]);

        Assert.That(comparison.Invented, Is.EqualTo(new[] { $"app/{refused.Key} in file" }));
        Assert.That((comparison.Lost.Count, comparison.Doubled.Count, comparison.Changed.Count), Is.EqualTo((0, 0, 0)));
    }

    private static void Rewrite(string from, string to, string sql)
    {
        using var duck = DuckDatabase.OpenInMemory(new Dictionary<string, string>());
        using var connection = duck.Connect();
        connection.Execute($"CREATE TEMP VIEW file AS SELECT * FROM read_parquet('{from}', hive_partitioning = false)");
        connection.Execute($"COPY ({sql}) TO '{to}' (FORMAT parquet)");
    }
}
