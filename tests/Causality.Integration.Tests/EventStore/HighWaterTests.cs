using System.Collections.Concurrent;
using Causality.EventStore;
using Causality.EventStore.Schema;
using Causality.EventStore.Streams;
using Causality.Testing;
using Npgsql;
using NUnit.Framework;

namespace Causality.Integration.Tests.EventStore;

/// <summary>A reader that follows by position sees every committed fact once and in order, whatever writers do meanwhile.</summary>
[TestFixture]
internal sealed class HighWaterTests : OnPostgres
{
    private StoreHost _host = null!;

    [SetUp]
    public async Task StartStore() => _host = await Start(services => services.AddFacts(Tally.Facts));

    [Test]
    public async Task It_never_passes_a_transaction_in_flight()
    {
        var start = await HighWater();
        await using var slow = await Database.OpenConnectionAsync(Ct);
        await using var inFlight = await slow.BeginTransactionAsync(Ct);
        await Transaction("slow").Write(slow, inFlight, Ct);
        await Transaction("fast").Commit(Ct);
        await Transaction("faster").Commit(Ct);

        Assert.That(await HighWater(), Is.EqualTo(start));
        Assert.That(await Facts(after: start), Is.Empty);

        await inFlight.CommitAsync(Ct);
        Assert.That(await Facts(after: start), Is.EqualTo(["slow", "fast", "faster"]));
    }

    [Test]
    public async Task It_passes_what_was_committed_before_the_transaction_in_flight_began_to_append()
    {
        var start = await HighWater();
        await using var slow = await Database.OpenConnectionAsync(Ct);
        await using var inFlight = await slow.BeginTransactionAsync(Ct);
        await Transaction("before").Commit(Ct);
        await Transaction("slow").Write(slow, inFlight, Ct);
        await Transaction("after").Commit(Ct);

        Assert.That(await Facts(after: start), Is.EqualTo(["before"]));
    }

    [Test]
    public async Task A_rollback_does_not_hold_it()
    {
        var start = await HighWater();
        await using var connection = await Database.OpenConnectionAsync(Ct);
        await using (var transaction = await connection.BeginTransactionAsync(Ct))
        {
            await Transaction("rolled back").Write(connection, transaction, Ct);
            await transaction.RollbackAsync(Ct);
        }
        Assert.That(await HighWater(), Is.EqualTo(start + 1));

        await Transaction("kept").Commit(Ct);
        Assert.That(await HighWater(), Is.EqualTo(start + 2));
        Assert.That(await Facts(after: start), Is.EqualTo(["kept"]));
    }

    [Test]
    public async Task A_session_that_dies_in_its_transaction_does_not_hold_it()
    {
        var start = await HighWater();
        await using var doomed = await Database.OpenConnectionAsync(Ct);
        await using var inFlight = await doomed.BeginTransactionAsync(Ct);
        await Transaction("doomed").Write(doomed, inFlight, Ct);
        await Scalar($"select pg_terminate_backend({doomed.ProcessID}, 5000)");

        await Transaction("kept").Commit(Ct);
        Assert.That(await Facts(after: start), Is.EqualTo(["kept"]));
    }

    [Test]
    public async Task A_long_transaction_that_appends_nothing_does_not_hold_it()
    {
        await Scalar("create table if not exists busy (id int)");
        var start = await HighWater();
        await using var connection = await Database.OpenConnectionAsync(Ct);
        await using var open = await connection.BeginTransactionAsync(Ct);
        await using var write = new NpgsqlCommand("insert into busy values (1)", connection);   // so it has a transaction id too
        await write.ExecuteNonQueryAsync(Ct);

        await Transaction("kept").Commit(Ct);
        Assert.That(await Facts(after: start), Is.EqualTo(["kept"]));
    }

    [Test]
    public async Task A_transaction_that_appends_in_another_database_of_the_server_does_not_hold_it()
    {
        var name = $"store_other_{Guid.CreateVersion7():N}";
        await TestServers.CreateDatabase(name);
        try
        {
            await using var other = NpgsqlDataSource.Create(TestServers.Postgres(name));
            await new Migrator(other, [EventStoreModule.Assembly]).Migrate(Ct);
            await using var connection = await other.OpenConnectionAsync(Ct);
            await using var inFlight = await connection.BeginTransactionAsync(Ct);
            await Transaction("elsewhere").Write(connection, inFlight, Ct);

            var start = await HighWater();
            await Transaction("kept").Commit(Ct);
            Assert.That(await Facts(after: start), Is.EqualTo(["kept"]));
        }
        finally
        {
            await TestServers.DropDatabase(name);
        }
    }

    [TestCase(0x7FFF_FFFDL)]        // 31 bits are what the lock shows of a number
    [TestCase(0xFFFF_FFFDL)]
    [TestCase(0x1_7FFF_FFFDL)]
    [TestCase(0x7F_FFFF_FFFDL)]
    public async Task Nor_does_it_pass_one_where_the_announced_bits_begin_anew(long last)
    {
        await Scalar($"select setval('facts_sequence', {last})");
        var connections = new List<NpgsqlConnection>();
        var inFlight = new List<NpgsqlTransaction>();
        for (var i = 0; i < 6; i++)   // the first below the border, the last above it
        {
            connections.Add(await Database.OpenConnectionAsync(Ct));
            inFlight.Add(await connections[i].BeginTransactionAsync(Ct));
            await Transaction($"slow {i}").Write(connections[i], inFlight[i], Ct);
            await Transaction($"fast {i}").Commit(Ct);
        }
        for (var i = 0; i < 6; i++)
        {
            Assert.That(await HighWater(), Is.EqualTo(last + 2 * i));
            Assert.That(await Facts(after: last + 2 * i), Is.Empty);
            await inFlight[i].CommitAsync(Ct);
            Assert.That(await Facts(after: last + 2 * i), Is.EqualTo([$"slow {i}", $"fast {i}"]));
        }
        Assert.That(await HighWater(), Is.EqualTo(last + 12));
        foreach (var connection in connections)
            await connection.DisposeAsync();
    }

    [TestCase(32, 12, 8)]
    [TestCase(2, 150, 1, Description = "there is often no other transaction whose announcement would cover a mistake")]
    public async Task Many_writers_and_rollbacks_skip_nothing_for_readers_that_follow(int writers, int each, int milliseconds)
    {
        var start = await HighWater();
        var committed = new ConcurrentBag<string>();
        using var written = new CancellationTokenSource();
        var readers = new[] { 1, 7, 100 }.Select(most => Task.Run(() => Follow(start, most, written.Token))).ToList();

        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            var random = new Random(writer);
            for (var i = 0; i < each; i++)
            {
                string[] names = [.. Enumerable.Range(0, random.Next(1, 5)).Select(n => $"{writer}/{i}/{n}")];
                await using var connection = await Database.OpenConnectionAsync(Ct);
                await using var transaction = await connection.BeginTransactionAsync(Ct);
                await Transaction(names).Write(connection, transaction, Ct);
                await Task.Delay(random.Next(0, milliseconds), Ct);
                if (random.Next(4) == 0)
                    continue;   // rolled back where it is disposed of
                await transaction.CommitAsync(Ct);
                foreach (var name in names)
                    committed.Add(name);
            }
        })));
        await written.CancelAsync();

        foreach (var seen in await Task.WhenAll(readers))
        {
            Assert.That(seen.Select(f => f.Sequence), Is.Ordered.And.Unique);
            Assert.That(seen.Select(f => ((Counted)f.Fact).What), Is.EquivalentTo(committed));
        }
        Assert.That(committed, Has.Count.GreaterThan(writers * each / 2), "the test has written too little to tell");
    }

    // by position alone, as a projection does; once more after the last commit
    private async Task<List<Recorded>> Follow(long position, int most, CancellationToken written)
    {
        await using var connection = await Database.OpenConnectionAsync(Ct);
        var seen = new List<Recorded>();
        while (true)
        {
            var last = written.IsCancellationRequested;
            var highWater = await FactLog.HighWater(connection, Ct);
            var facts = await FactLog.After(connection, _host.Types, position, highWater, most, Ct);
            seen.AddRange(facts);
            position = facts.Count == most ? facts[^1].Sequence : highWater;
            if (last && facts.Count < most)
                return seen;
        }
    }

    private EventTransaction Transaction(params string[] names) =>
        _host.Store.Begin(Tester).Append(Tally.Stream(Guid.CreateVersion7().ToString()), 0, [.. names.Select(name => new Counted(name, 1))]);

    private async Task<long> HighWater()
    {
        await using var connection = await Database.OpenConnectionAsync(Ct);
        return await FactLog.HighWater(connection, Ct);
    }

    private async Task<IEnumerable<string>> Facts(long after)
    {
        await using var connection = await Database.OpenConnectionAsync(Ct);
        var facts = await FactLog.After(connection, _host.Types, after, await FactLog.HighWater(connection, Ct), 1000, Ct);
        return facts.Select(f => ((Counted)f.Fact).What);
    }
}
