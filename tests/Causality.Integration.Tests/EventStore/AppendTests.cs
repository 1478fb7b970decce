using System.Diagnostics;
using Causality.EventStore;
using Causality.EventStore.Streams;
using Npgsql;
using NUnit.Framework;

namespace Causality.Integration.Tests.EventStore;

[TestFixture]
internal sealed class AppendTests : OnPostgres
{
    private IEventStore _store = null!;

    [SetUp]
    public async Task StartStore() => _store = (await Start(services => services.AddFacts(Tally.Facts))).Store;

    [Test]
    public async Task What_was_appended_is_what_the_aggregate_is_made_of()
    {
        var stream = Any();
        await _store.Append(stream, 0, [new Counted("sheep", 2), new Counted("goats", 3)], Tester, Ct);
        await _store.Append(stream, 2, [new Counted("cows", 1)], Tester, Ct);

        var loaded = await _store.Load<Tally>(stream, Ct);

        Assert.That((loaded.Stream, loaded.Version, loaded.State.Total), Is.EqualTo((stream, 3L, 6)));
        Assert.That(loaded.State.What, Is.EqualTo(["sheep", "goats", "cows"]));
    }

    [Test]
    public async Task There_is_a_stream_from_its_first_fact_on()
    {
        var stream = Any();
        var loaded = await _store.Load<Tally>(stream, Ct);
        await _store.Append(stream, 0, loaded.State.Clear(), Tester, Ct);

        Assert.That((loaded.Version, loaded.State), Is.EqualTo((0L, Tally.Initial)));
        Assert.That(await Count($"select count(*) from streams where id = '{stream}'"), Is.Zero);
    }

    [Test]
    public async Task Who_what_when_and_why_come_back_with_each_fact()
    {
        var stream = Any();
        var origin = new FactOrigin("user-1", "ada@example.com", "org-1", "request-7", "message-9", "2001:db8::1");
        var before = DateTimeOffset.UtcNow.AddMilliseconds(-1);
        using var activity = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();

        await _store.Append(stream, 0, [new Counted("sheep", 2), new Cleared()], origin, Ct);

        var facts = await _store.Read(stream, Ct);
        Assert.That(facts.Select(f => (f.Name, f.Version, f.Stream)), Is.EqualTo([("tally-counted", 1L, stream), ("tally-cleared", 2L, stream)]));
        Assert.That(facts.Select(f => f.Fact), Is.EqualTo(new object[] { new Counted("sheep", 2), new Cleared() }));
        Assert.That(facts.Select(f => f.Origin), Is.All.EqualTo(origin));
        Assert.That(facts.Select(f => f.TraceId), Is.All.EqualTo(activity.TraceId.ToString()));
        Assert.That(facts.Select(f => f.At), Is.All.InRange(before, DateTimeOffset.UtcNow));
        Assert.That(facts[1].Sequence, Is.GreaterThan(facts[0].Sequence));
        Assert.That(facts[0].Data, Is.EqualTo("""{"by": 2, "what": "sheep"}"""));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(3)]
    public async Task A_stream_that_is_at_another_version_refuses_and_the_other_streams_of_the_transaction_stay_as_they_were(long expected)
    {
        var (stream, other, third) = (Any(), Any(), Any());
        await _store.Append(stream, 0, [new Counted("sheep", 1), new Counted("sheep", 1)], Tester, Ct);
        await _store.Append(third, 0, [new Counted("sheep", 1)], Tester, Ct);
        var transaction = _store.Begin(Tester).Append(other, 0, new Counted("goats", 1)).Append(stream, expected, new Cleared()).Append(third, 1, new Cleared());

        var conflict = Assert.ThrowsAsync<StreamConflictException>(() => transaction.Commit(Ct));

        Assert.That((conflict!.Stream, conflict.Expected), Is.EqualTo((stream, expected)));
        Assert.That((await _store.Load<Tally>(stream, Ct)).Version, Is.EqualTo(2));
        Assert.That((await _store.Load<Tally>(other, Ct)).Version, Is.Zero);
        Assert.That((await _store.Load<Tally>(third, Ct)).Version, Is.EqualTo(1));
        Assert.That(await Count($"select count(*) from streams where id = '{other}'"), Is.Zero);
    }

    [Test]
    public void A_stream_that_does_not_exist_is_not_at_any_version() =>
        Assert.That(() => _store.Append(Any(), 1, [new Cleared()], Tester, Ct), Throws.TypeOf<StreamConflictException>());

    [TestCase(0)]
    [TestCase(1)]
    public async Task Of_those_who_append_at_once_exactly_one_wins(long version)
    {
        var stream = Any();
        for (var i = 0; i < version; i++)
            await _store.Append(stream, i, [new Counted("sheep", 1)], Tester, Ct);

        var won = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => TryAppend(stream, version, $"writer {i}")));

        Assert.That(won.Count(w => w), Is.EqualTo(1));
        Assert.That((await _store.Load<Tally>(stream, Ct)).State.What.Skip((int)version), Is.EqualTo([$"writer {Array.IndexOf(won, true)}"]));
    }

    [Test]
    public async Task Writers_who_load_again_after_a_conflict_lose_nothing()
    {
        var stream = Any();
        const int Writers = 8, Each = 10;

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
                while (!await TryAppend(stream, (await _store.Load<Tally>(stream, Ct)).Version, $"{writer}/{i}"))
                {
                }
        })));

        var facts = await _store.Read(stream, Ct);
        Assert.That(facts.Select(f => f.Version), Is.EqualTo(Enumerable.Range(1, Writers * Each)));
        Assert.That(facts.Select(f => ((Counted)f.Fact).What), Is.Unique);
        Assert.That(facts.Select(f => f.Sequence), Is.Ordered);
        Assert.That(await Count($"select version from streams where id = '{stream}'"), Is.EqualTo(Writers * Each));
    }

    [Test]
    public async Task Transactions_over_the_same_streams_in_different_orders_do_not_wait_for_each_other()
    {
        var (one, two) = (Any(), Any());
        await _store.Begin(Tester).Append(one, 0, new Counted("sheep", 1)).Append(two, 0, new Counted("sheep", 1)).Commit(Ct);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(writer => Task.Run(async () =>
        {
            var (first, second) = writer % 2 == 0 ? (one, two) : (two, one);
            for (var i = 0; i < 10;)
                try
                {
                    await _store.Begin(Tester)
                        .Append(first, (await _store.Load<Tally>(first, Ct)).Version, new Counted("sheep", 1))
                        .Append(second, (await _store.Load<Tally>(second, Ct)).Version, new Counted("sheep", 1)).Commit(Ct);
                    i++;
                }
                catch (StreamConflictException)   // a deadlock would be another exception
                {
                }
        })));

        Assert.That((await _store.Load<Tally>(one, Ct)).Version, Is.EqualTo(61));
        Assert.That((await _store.Load<Tally>(two, Ct)).Version, Is.EqualTo(61));
    }

    [TestCase("update facts set actor = 'nobody'")]
    [TestCase("delete from facts")]
    [TestCase("truncate facts")]
    public async Task A_fact_can_be_neither_changed_nor_removed(string sql)
    {
        await _store.Append(Any(), 0, [new Counted("sheep", 1)], Tester, Ct);
        var facts = await Count("select count(*) from facts where actor = 'tester'");

        Assert.That(() => Scalar(sql), Throws.TypeOf<PostgresException>().With.Message.Contains("append-only"));
        Assert.That(await Count("select count(*) from facts where actor = 'tester'"), Is.EqualTo(facts));
    }

    [Test]
    public void A_type_that_nobody_told_of_is_refused_before_anything_is_written() =>
        Assert.That(() => _store.Begin(Tester).Append(Any(), 0, "a string"), Throws.InvalidOperationException.With.Message.Contains("System.String is not a fact"));

    [Test]
    public async Task A_transaction_is_committed_once()
    {
        var transaction = _store.Begin(Tester).Append(Any(), 0, new Counted("sheep", 1));
        await transaction.Commit(Ct);
        Assert.That(() => transaction.Commit(Ct), Throws.InvalidOperationException);
    }

    [Test]
    public async Task A_transaction_that_failed_leaves_its_connection_usable()
    {
        for (var i = 0; i < 120; i++)   // more than the pool holds
            Assert.That(() => _store.Append(Any(), 7, [new Cleared()], Tester, Ct), Throws.TypeOf<StreamConflictException>());
        Assert.That(await TryAppend(Any(), 0, "sheep"));
        Assert.That(await Count("select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database()) and objsubid = 2"), Is.Zero);
    }

    [Test]
    public async Task A_host_that_vanishes_in_its_commit_holds_streams_and_readers_for_a_minute_at_most()
    {
        await Scalar("create table patience (setting text)");
        var transaction = _store.Begin(Tester).Append(Any(), 0, new Counted("sheep", 1));
        transaction.Rows.Add("insert into patience select current_setting('idle_in_transaction_session_timeout')");
        await transaction.Commit(Ct);

        Assert.That(await Scalar("select setting from patience"), Is.EqualTo("1min"));
    }

    private static StreamId Any() => Tally.Stream(Guid.CreateVersion7().ToString());

    private async Task<bool> TryAppend(StreamId stream, long version, string what)
    {
        try
        {
            await _store.Append(stream, version, [new Counted(what, 1)], Tester, Ct);
            return true;
        }
        catch (StreamConflictException)
        {
            return false;
        }
    }
}
