using System.Security.Cryptography;
using Causality.Sink.Deduplication;
using Npgsql;
using NUnit.Framework;

namespace Causality.Integration.Tests.Deduplication;

/// <summary>Two sinks, with an index each, on one log of keys.</summary>
[TestFixture]
internal sealed class RecentKeysTests : OnRealServers
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(20);

    private HostInside _host = null!;
    private NpgsqlDataSource _database = null!;

    private RecentKeys Sink() => new(new KeyLog(_database, Window), Window, TimeProvider.System);

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start();
        _database = World.Database;
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task What_one_sink_has_stored_the_other_knows_and_a_third_that_starts_later()
    {
        using var one = Sink();
        using var other = Sink();
        var (first, second) = (Some(20_000), Some(7));
        await Store(one, first);
        await Store(other, second);
        await Store(one, []);

        using var late = Sink();
        foreach (var sink in new[] { one, other, late })
        {
            var recognized = await sink.Recognize([.. first, .. second, .. Some(1_000)], CancellationToken.None);
            Assert.That(recognized.Known, Is.EquivalentTo(first.Concat(second)));
        }
    }

    [Test]
    public async Task Who_comes_second_with_the_same_key_is_told_at_the_commit()
    {
        using var one = Sink();
        using var other = Sink();
        var keys = Some(100);
        var seen = (await one.Recognize(keys, CancellationToken.None)).Seen;
        await Store(other, Sorted([keys[40], .. Some(10)]));

        Assert.That(await Commit(keys, seen), Is.Null);
        var again = await one.Recognize(keys, CancellationToken.None);
        Assert.That(again.Known, Is.EquivalentTo(new[] { keys[40] }));
        Assert.That(await Commit(Sorted(keys.Except(again.Known)), again.Seen), Is.Not.Null);
    }

    [Test]
    public async Task A_row_with_which_the_keys_were_compared_otherwise_is_not_looked_through()
    {
        using var sink = Sink();
        var (first, second) = (Some(10), Some(10));
        var seen = (await sink.Recognize(first, CancellationToken.None)).Seen;
        var row = await Commit(first, seen);
        Assert.That(await Commit(Sorted([first[0], .. second]), seen, beside: row), Is.Not.Null.And.Not.Zero, "whoever says so has compared them");
        Assert.That(await Commit(Sorted([second[0]]), seen, beside: row), Is.Null, "other rows are");
    }

    [Test]
    public async Task Duplicates_by_the_thousands_are_all_known()
    {
        using var sink = Sink();
        var rows = new[] { Some(20_000), Some(3_000), Some(1) };
        foreach (var row in rows)
            await Store(sink, row);
        foreach (var some in new[] { rows.SelectMany(r => r).ToArray(), [.. rows[0].Take(20), rows[1][7], rows[2][0]], rows[1] })
            Assert.That((await sink.Recognize([.. some, .. Some(500)], CancellationToken.None)).Known, Is.EquivalentTo(some));
    }

    [Test]
    public async Task Sinks_that_race_for_the_same_keys_store_each_once()
    {
        var keys = Some(50);
        var stored = new System.Collections.Concurrent.ConcurrentBag<UInt128>();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            using var sink = Sink();
            for (var start = 0; start < 50; start += 10)
            {
                var some = keys[start..(start + 10)];
                while (true)
                {
                    var recognized = await sink.Recognize(some, CancellationToken.None);
                    var mine = Sorted(some.Except(recognized.Known));
                    if (await Commit(mine, recognized.Seen) is not { } row)
                        continue;
                    if (row > 0)
                        sink.Remembered(row, mine);
                    foreach (var key in mine)
                        stored.Add(key);
                    break;
                }
            }
        })));
        Assert.That(stored, Is.EquivalentTo(keys));
    }

    [Test]
    public async Task A_row_that_is_gone_is_forgotten_by_all_and_a_log_that_begins_anew_is_read_anew()
    {
        using var one = Sink();
        var keys = Some(30);
        await Store(one, keys);
        Assert.That((await one.Recognize(keys, CancellationToken.None)).Known, Is.EquivalentTo(keys));
        await World.Execute("truncate event_keys restart identity");
        Assert.That((await one.Recognize(keys, CancellationToken.None)).Known, Is.Empty);

        using var other = Sink();
        await Store(other, keys[..10]);
        Assert.That((await one.Recognize(keys, CancellationToken.None)).Known, Is.EquivalentTo(keys[..10]));
    }

    [Test]
    public async Task A_key_is_remembered_for_the_window_and_then_forgotten()
    {
        using var sink = Sink();
        var (young, old) = (Some(5), Some(5));
        await Store(sink, old);
        await World.Execute("update event_keys set at = now() - interval '19 minutes'");
        await Store(sink, young);
        using var again = Sink();
        Assert.That((await again.Recognize([.. old, .. young], CancellationToken.None)).Known, Is.EquivalentTo(old.Concat(young)));
        await World.Execute("update event_keys set at = at - interval '2 minutes'");
        using var third = Sink();
        Assert.That((await third.Recognize([.. old, .. young], CancellationToken.None)).Known, Is.EquivalentTo(young));
    }

    private async Task Store(RecentKeys sink, UInt128[] keys)
    {
        var recognized = await sink.Recognize(keys, CancellationToken.None);
        Assert.That(recognized.Known, Is.Empty);
        var row = await Commit(keys, recognized.Seen);
        Assert.That(row, Is.Not.Null);
        if (row > 0)
            sink.Remembered(row.Value, keys);
    }

    /// <summary>The number of the row, 0 where none was needed; null when another sink was faster.</summary>
    private async Task<long?> Commit(UInt128[] keys, long seen, long? beside = null)
    {
        await using var connection = await _database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await KeyLog.Hold(transaction, CancellationToken.None);
        if (!await RecentKeys.AreNew(transaction, keys, seen, beside, CancellationToken.None))
            return null;
        var row = await KeyLog.Add(transaction, keys, CancellationToken.None) ?? 0;
        await transaction.CommitAsync();
        return row;
    }

    private static UInt128[] Some(int count) => Sorted(KeyBytes.Read(RandomNumberGenerator.GetBytes(count * KeyBytes.Size)));

    private static UInt128[] Sorted(IEnumerable<UInt128> keys) => [.. keys.Order()];
}
