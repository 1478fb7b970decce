using System.Diagnostics.Metrics;
using Causality.EventStore;
using Causality.EventStore.Projections;
using Causality.EventStore.Streams;
using Causality.Testing;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.EventStore;

/// <summary>Projections that follow the facts, and the daemon that runs them.</summary>
[TestFixture]
internal sealed class ProjectionTests : OnPostgres
{
    private long _before;

    /// <summary>A row for each fact, inserted blindly: a fact that came twice would show.</summary>
    private sealed class Journal(string name) : IProjection
    {
        public string Name => name;

        /// <summary>What a test has to say when this fact is applied.</summary>
        public Action<Counted>? Before { get; set; }

        public Rows Apply(Recorded recorded, Rows rows)
        {
            if (recorded.Fact is not Counted e)
                return rows;
            Before?.Invoke(e);
            return rows.Add("insert into journal (projection, sequence, what) values ($1, $2, $3)", name, recorded.Sequence, e.What);
        }
    }

    [OneTimeSetUp]
    public Task CreateTable() => Scalar("create table journal (id bigint generated always as identity, projection text, sequence bigint, what text check (what <> 'impossible'))");

    [SetUp]
    public async Task Mark() => _before = await Count("select coalesce(max(sequence), 0) from facts");

    [Test]
    public async Task Facts_come_to_it_in_their_order_and_once()
    {
        var host = await Start(With(new Journal("in-order/1")));
        await Append(host, "a", "b");
        await Append(host, "c");
        await host.Projections.WaitFor("in-order/1", Ct);
        await Append(host, "d");
        await host.Projections.WaitFor("in-order/1", Ct);

        Assert.That(await Written("in-order/1"), Is.EqualTo("a b c d"));
    }

    [Test]
    public async Task It_starts_with_the_first_fact_that_there_ever_was()
    {
        var host = await Start(With());
        await Append(host, [.. Enumerable.Range(0, 1200).Select(i => $"{i}")]);   // several batches
        var with = await Start(With(new Journal("from-the-start/1")));
        await with.Projections.WaitFor("from-the-start/1", Ct);

        Assert.That(await Count("select count(*) from journal where projection = 'from-the-start/1'"), Is.EqualTo(await Count("select count(*) from facts where name = 'tally-counted'")));
        Assert.That(await Count("select count(distinct sequence) from journal where projection = 'from-the-start/1'"), Is.EqualTo(await Count("select count(*) from facts where name = 'tally-counted'")));
        Assert.That(await Count("select count(*) from (select sequence, lag(sequence) over (order by id) previous from journal where projection = 'from-the-start/1') j where previous > sequence"), Is.Zero);
    }

    [Test]
    public async Task Of_many_hosts_one_runs_it_and_another_takes_over_when_that_one_ends()
    {
        var hosts = new[] { await Start(With(new Journal("led/1")), "one"), await Start(With(new Journal("led/1")), "two"), await Start(With(new Journal("led/1")), "three") };
        await Append(hosts[0], "first");
        await hosts[0].Projections.WaitFor("led/1", Ct);
        var (leader, leaders) = (await Leader(), await Count(Leaders("count(*)")));

        await hosts[leader switch { "one" => 0, "two" => 1, _ => 2 }].Stop();
        await Append(hosts[0], "second");
        await hosts[0].Projections.WaitFor("led/1", Ct);

        Assert.That(leaders, Is.EqualTo(1));
        Assert.That(await Leader(), Is.Not.EqualTo(leader));
        Assert.That(await Written("led/1"), Is.EqualTo("first second"));
    }

    [Test]
    public async Task A_leader_whose_session_is_killed_is_followed_by_another_within_seconds()
    {
        var host = await Start(With(new Journal("led/1")), "one");
        await Start(With(new Journal("led/1")), "two");
        await Eventually(() => Count(Leaders("count(*)")), Is.EqualTo(1));
        for (var i = 0; i < 5; i++)
        {
            await Append(host, $"before {i}");
            await Scalar(Leaders("pg_terminate_backend(a.pid)"));
            await Append(host, $"after {i}");
            await host.Projections.WaitFor("led/1", Ct).WaitAsync(TimeSpan.FromSeconds(15), Ct);
        }
        Assert.That(await Written("led/1"), Is.EqualTo(string.Join(' ', Enumerable.Range(0, 5).Select(i => $"before {i} after {i}"))));
        Assert.That((await State(host, "led/1")).Failure, Is.Null, "a session that ends is not the projection's fault");
    }

    [Test]
    public async Task Who_no_longer_leads_and_does_not_know_it_commits_nothing()
    {
        using var arrived = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        var journal = new Journal("overtaken/1");
        var host = await Start(With(journal));
        await host.Projections.WaitFor("overtaken/1", Ct);
        journal.Before = _ =>
        {
            arrived.Release();
            goOn.Wait();
            journal.Before = null;
        };
        await Append(host, "contested");
        await arrived.WaitAsync(Ct);

        await Scalar("insert into journal (projection, what) values ('overtaken/1', 'contested, by the other'); update projections set position = (select max(sequence) from facts) where name = 'overtaken/1'");
        goOn.Release();
        await Append(host, "next");
        await host.Projections.WaitFor("overtaken/1", Ct);

        Assert.That(await Scalar("select string_agg(what, ' ' order by id) from journal where projection = 'overtaken/1' and (sequence is null or sequence > " + _before + ")"),
            Is.EqualTo("contested, by the other next"));
    }

    [TestCase("impossible", Description = "PostgreSQL refuses its row")]
    [TestCase("bad", Description = "it throws itself")]
    public async Task One_that_cannot_apply_a_fact_stands_still_there_tells_it_and_goes_on_when_it_is_mended(string what)
    {
        var name = $"mended-{what}/1";
        var tries = 0;
        var broken = new Journal(name);
        broken.Before = e =>
        {
            tries += e.What == what ? 1 : 0;
            if (e.What == "bad")
                throw new InvalidDataException("no good");
        };
        var host = await Start(With(broken));
        await host.Projections.WaitFor(name, Ct);
        await Append(host, "a", "b", what, "c");
        var bad = await Count($"select sequence from facts where data ->> 'what' = '{what}' and sequence > {_before}");

        var state = await Eventually(() => State(host, name), Has.Property(nameof(ProjectionState.Failure)).Not.Null);
        var failures = await Eventually(() => Measured("causality.eventstore.projection.failed", name), Is.EqualTo(1));
        await Eventually(() => tries, Is.GreaterThan(3));   // in its batch, alone, and again and again

        Assert.That(state.Failure!.Sequence, Is.EqualTo(bad));
        Assert.That(state.Failure.Error, Does.Contain(what == "bad" ? "no good" : "journal_what_check"));
        Assert.That((await State(host, name)).Failure!.Since, Is.EqualTo(state.Failure.Since));
        Assert.That((state.Position, state.Lag), Is.EqualTo((bad - 1, 2L)));
        Assert.That(await Written(name), Is.EqualTo("a b"));
        Assert.That(host.Log.Errors, Is.EqualTo([$"The projection {name} throws at fact {bad} and stands still; it is tried again until it is mended"]));
        Assert.That(() => host.Projections.WaitFor(name, Ct), Throws.InvalidOperationException.With.Message.Contains($"stands still at fact {bad}"));
        Assert.That(failures, Is.EqualTo(1));

        broken.Before = null;
        await Scalar("alter table journal drop constraint if exists journal_what_check");
        await Eventually(() => State(host, name), Has.Property(nameof(ProjectionState.Lag)).Zero);

        Assert.That((await State(host, name)).Failure, Is.Null);
        Assert.That(await Written(name), Is.EqualTo($"a b {what} c"));
    }

    [Test]
    public async Task One_that_stands_still_does_not_hold_the_others()
    {
        var broken = new Journal("broken/1") { Before = _ => throw new InvalidDataException("no good") };
        var host = await Start(With(broken, new Journal("sound/1")));
        await Append(host, "a");

        await host.Projections.WaitFor("sound/1", Ct);
        Assert.That((await host.Projections.List(Ct)).Select(p => (p.Name, p.Position < p.HighWater)), Is.EqualTo([("broken/1", true), ("sound/1", false)]));
    }

    [Test]
    public async Task A_new_number_is_built_from_the_first_fact_while_the_old_one_runs_on()
    {
        var old = await Start(With(new Journal("list/1")), "old");
        await Append(old, "a", "b");
        await old.Projections.WaitFor("list/1", Ct);

        var both = await Start(With(new Journal("list/1"), new Journal("list/2")), "both");
        await Append(both, "c");
        await both.Projections.WaitFor("list/1", Ct);
        await both.Projections.WaitFor("list/2", Ct);
        var (first, second) = (await Written("list/1"), await Written("list/2"));
        await old.Stop();
        await both.Stop();

        var next = await Start(With(new Journal("list/2")), "next");
        await Append(next, "d");
        await next.Projections.WaitFor("list/2", Ct);

        Assert.That((first, second), Is.EqualTo(("a b c", "a b c")));
        Assert.That((await Written("list/1"), await Written("list/2")), Is.EqualTo(("a b c", "a b c d")));
        Assert.That((await next.Projections.List(Ct)).Select(p => p.Name), Is.EqualTo(["list/2"]));
        Assert.That(await Count("select count(*) from projections where name = 'list/1'"), Is.EqualTo(1), "what nobody runs any more keeps its place until somebody deletes it");
    }

    [Test]
    public async Task One_is_built_anew_in_its_place_while_it_runs_by_setting_its_position_back()
    {
        var host = await Start(With(new Journal("anew/1")));
        await Append(host, "a", "b");
        await host.Projections.WaitFor("anew/1", Ct);

        await Scalar("begin; update projections set position = 0 where name = 'anew/1'; delete from journal where projection = 'anew/1'; commit");
        await Append(host, "c");
        await host.Projections.WaitFor("anew/1", Ct);

        Assert.That(await Written("anew/1"), Is.EqualTo("a b c"));
    }

    [Test]
    public async Task How_far_behind_it_is_can_be_asked_and_is_measured()
    {
        using var goOn = new ManualResetEventSlim();
        var host = await Start(With(new Journal("behind/1") { Before = _ => goOn.Wait() }));
        await Append(host, "a", "b", "c");

        var state = await Eventually(() => State(host, "behind/1"), Has.Property(nameof(ProjectionState.Behind)).GreaterThan(TimeSpan.FromMilliseconds(200)));
        Assert.That(state.HighWater, Is.EqualTo(_before + 3));
        Assert.That(state.Lag, Is.EqualTo(state.HighWater - state.Position).And.GreaterThanOrEqualTo(3));
        await Eventually(() => Measured("causality.eventstore.projection.lag", "behind/1"), Is.GreaterThanOrEqualTo(3));
        await Eventually(() => Measured("causality.eventstore.projection.behind", "behind/1"), Is.GreaterThan(0));

        goOn.Set();
        await host.Projections.WaitFor("behind/1", Ct);
        Assert.That((await State(host, "behind/1")) is { Lag: 0, Behind.Ticks: 0, Failure: null });
        await Eventually(() => Measured("causality.eventstore.projection.lag", "behind/1"), Is.Zero);
    }

    [Test]
    public async Task Rollbacks_leave_no_lag()
    {
        var host = await Start(With(new Journal("gaps/1")));
        await Append(host, "a");
        await Scalar("begin; select facts_take(5); rollback");

        await Eventually(() => State(host, "gaps/1"), Has.Property(nameof(ProjectionState.Position)).EqualTo(_before + 6));
    }

    [Test]
    public async Task To_wait_for_one_that_does_not_exist_is_a_mistake_that_is_told()
    {
        var host = await Start(With(new Journal("known/1")));
        Assert.That(() => host.Projections.WaitFor("unknown/1", 1, Ct), Throws.ArgumentException.With.Message.Contains("There is no projection unknown/1, but known/1."));
    }

    private static Action<IServiceCollection> With(params Journal[] journals) => services =>
    {
        services.AddFacts(Tally.Facts);
        foreach (var journal in journals)
            services.AddSingleton(new AsynchronousProjection(journal));
    };

    private static Task Append(StoreHost host, params string[] what) =>
        host.Store.Append(Tally.Stream(Guid.CreateVersion7().ToString()), 0, [.. what.Select(w => new Counted(w, 1))], Tester, Ct);

    private static async Task<ProjectionState> State(StoreHost host, string name) => (await host.Projections.List(Ct)).Single(p => p.Name == name);

    // what this test's facts have made of it, in the order in which it was written
    private async Task<object?> Written(string projection) => await Scalar($"select string_agg(what, ' ' order by id) from journal where projection = '{projection}' and sequence > {_before}");

    private async Task<string> Leader() => (string)(await Scalar(Leaders("application_name")))!;

    private static string Leaders(string what) =>
        $"select {what} from pg_locks l join pg_stat_activity a using (pid) where l.locktype = 'advisory' and l.objsubid = 1 and l.granted and l.database = (select oid from pg_database where datname = current_database())";

    private static double Measured(string name, string projection)
    {
        var measured = double.NaN;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == EventStoreModule.MeterName && instrument.Name == name)
                listening.EnableMeasurementEvents(instrument);
        };
        void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => measured = tags[0].Value as string == projection ? value : measured;
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => Take(value, tags));
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) => Take(value, tags));
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => Take(value, tags));
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;
    }
}
