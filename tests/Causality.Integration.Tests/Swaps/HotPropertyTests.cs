using Causality.Lake.Ledger;
using Causality.Lake.Properties;
using Causality.Sink.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Swaps;

/// <summary>Properties that are asked often get a column of their own where files are merged; every answer stays what it was.</summary>
[TestFixture]
internal sealed class HotPropertyTests : OnRealServers
{
    private static readonly DateTimeOffset Hour = new(2026, 4, 1, 8, 0, 0, TimeSpan.Zero);

    // a property for each way in which values can fit a type, or not
    private static readonly string[] Properties = ["plan", "price", "count", "trial", "mixed", "size", "nested", "empty", "Plan", "a/b~c'd \"e\"", "later"];

    private static readonly string[] Payloads =
    [
        """{"plan":"pro","price":1.5,"count":3,"trial":true,"mixed":1,"size":"NaN","nested":{"x":1},"empty":null,"Plan":"PRO","a/b~c'd \"e\"":"odd"}""",
        """{"plan":"fre\"e ü","price":2,"count":9007199254740993,"trial":false,"mixed":"1","size":"1.50","nested":[1],"Plan":"x"}""",
        """{"plan":"","price":1e400,"count":-7,"trial":null,"mixed":true,"size":"true","nested":"text"}""",
        """{"plan":"10","price":-0.25,"count":0}""",
        "{}",
        """{"plan":null,"price":1.50,"count":123456789012345678}""",
    ];

    private HostInside _host = null!;
    private LakeDesk _desk = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start(also: LakeDesk.ByHand);
        _desk = new LakeDesk(_host);
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Files_with_columns_without_and_with_others_give_the_same_answers_as_the_json()
    {
        var hot = _host.Services.GetRequiredService<HotProperties>();
        await Store(0, payload => true);
        var json = await Answers();
        await hot.Choose(World.App, [.. Properties.Except(["later"])], CancellationToken.None);
        await _desk.Run("compaction", new JobOrder(World.App, Hour, Hour.AddHours(1)));
        Assert.That(await Answers(), Is.EqualTo(json));

        // an hour whose prices all fit, one that was never merged, and one that was merged before a property was chosen
        await Store(1, payload => !payload.Contains("1e400", StringComparison.Ordinal) && !payload.Contains("mixed\":\"", StringComparison.Ordinal));
        await _desk.Run("compaction", new JobOrder(World.App, Hour.AddHours(1), Hour.AddHours(2)));
        await Store(2, payload => true);
        using var all = await Read();

        Assert.That(all.Files, Has.Count.EqualTo(3 + 2 - 1));
        Assert.That(Type(all, 0, "plan"), Is.EqualTo("VARCHAR"));
        Assert.That(Type(all, 0, "count"), Is.EqualTo("BIGINT"));
        Assert.That(Type(all, 0, "trial"), Is.EqualTo("BOOLEAN"));
        Assert.That(new[] { "mixed", "nested", "empty" }.Select(p => Type(all, 0, p)), Has.All.Null);
        Assert.That(Type(all, 0, "Plan"), Is.EqualTo("VARCHAR"));
        Assert.That(all.Typed[0]["Plan"]!.Column, Is.Not.EqualTo(all.Typed[0]["plan"]!.Column));
        Assert.That(Type(all, 1, "price"), Is.EqualTo("DOUBLE"));
        Assert.That(all.Typed[2].Knows("plan"), Is.False);
        var untyped = World.Lake.Query(Sql($"(SELECT *, {string.Join(", ", Asked.Select(p => $"{PropertySql.Value(p.Name, p.Form, null)} AS {p.As}"))} FROM read_parquet([{string.Join(", ", all.Files.Select(f => $"'{f}'"))}], hive_partitioning = false, union_by_name = true))"));
        Assert.That(await Answers(), Is.EqualTo(untyped));
        Assert.That(untyped.Count(r => r[1] is not null), Is.GreaterThan(5));
    }

    [Test]
    public async Task A_property_is_hot_when_it_was_asked_often_or_chosen_and_a_file_that_lacks_it_is_merged_again_on_demand()
    {
        var hot = _host.Services.GetRequiredService<HotProperties>();
        await _desk.Store(new Row("hot", Hour, App: "other", Payload: """{"seldom":"x","often":1}"""));
        await hot.Asked("other", new Dictionary<string, long> { ["often"] = HotProperties.Threshold - 1, ["never sent"] = 1_000 }, CancellationToken.None);
        Assert.That(await hot.Of("other", CancellationToken.None), Is.Empty);
        await hot.Asked("other", new Dictionary<string, long> { ["often"] = 1, ["seldom"] = 1 }, CancellationToken.None);
        Assert.That((await hot.Of("other", CancellationToken.None)).Select(p => (p.Name, p.Column)), Is.EqualTo(new[] { ("often", "p_often") }));

        for (var i = 0; i < 2; i++)
            await _desk.Store(new Row($"hot {i}", Hour, App: "other", Payload: """{"seldom":"x","often":1}"""));
        await _desk.Run("compaction", new JobOrder("other"));
        await hot.Choose("other", ["seldom"], CancellationToken.None);
        await _desk.Run("compaction");   // not by itself
        using (var before = await _desk.Read(Hour, "other"))
            Assert.That((before.Typed.Single().Knows("often"), before.Typed.Single().Knows("seldom")), Is.EqualTo((true, false)));
        Assert.That((await _desk.Run("compaction", new JobOrder("other"))).Figures["files"], Is.EqualTo(1));
        using (var after = await _desk.Read(Hour, "other"))
            Assert.That(after.Typed.Single()["seldom"]!.Type, Is.EqualTo("VARCHAR"));
        Assert.That((await _desk.Run("compaction", new JobOrder("other"))).Figures["files"], Is.Zero);
        Assert.That(await World.Scalar("select sql_type from hot_properties where app_id = 'other' and property = 'often'"), Is.EqualTo("BIGINT"));
    }

    [Test]
    public async Task Who_chooses_columns_while_a_swap_keeps_what_it_found_waits_for_it_and_neither_is_aborted()
    {
        var hot = _host.Services.GetRequiredService<HotProperties>();
        await hot.Choose("both", ["z"], CancellationToken.None);   // lies before the other in the table
        await hot.Choose("both", ["z", "a"], CancellationToken.None);
        await using var connection = await _host.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using var swap = await connection.BeginTransactionAsync();
        await HotProperties.Found(swap, "both", [("a", "VARCHAR")], CancellationToken.None);
        var choice = hot.Choose("both", [], CancellationToken.None);
        await Eventually(() => World.Count($"select count(*) from pg_stat_activity where {connection.ProcessID} = any(pg_blocking_pids(pid))"), Is.EqualTo(1));

        await HotProperties.Found(swap, "both", [("z", "BIGINT")], CancellationToken.None);
        await swap.CommitAsync();
        await choice;

        Assert.That(await World.Count("select count(*) from hot_properties where app_id = 'both' and not chosen and sql_type is not null"), Is.EqualTo(2));
    }

    [Test]
    public async Task However_many_names_look_alike_in_ascii_each_gets_a_column_name_of_its_own()
    {
        var hot = _host.Services.GetRequiredService<HotProperties>();
        await World.Execute("insert into hot_properties (app_id, property, column_name) select 'alike', 'taken ' || n, case n when 1 then 'p___' else 'p____' || n end from generate_series(1, 1000) n");
        await hot.Choose("alike", ["яя", "жж"], CancellationToken.None);

        var columns = (await hot.Of("alike", CancellationToken.None)).Select(p => p.Column).ToList();
        Assert.That(columns, Has.Count.EqualTo(2).And.Unique.And.All.StartsWith("p____"));
    }

    private static IReadOnlyList<AskedProperty> Asked => [.. Properties.SelectMany((p, i) => Enum.GetValues<PropertyForm>().Select(form => new AskedProperty(p, form, $"v{i}_{form}")))];

    private async Task Store(int hour, Func<string, bool> some)
    {
        var at = Hour.AddHours(hour);
        foreach (var half in Payloads.Where(some).Select((payload, i) => (payload, i)).Chunk(hour == 1 ? 2 : 3))
            await _desk.Store([.. half.Select(h => new Row($"{hour} {h.i}", at.AddMinutes(h.i), Payload: h.payload))]);
    }

    private Task<LakeSnapshot> Read() => _host.Services.GetRequiredService<LakeReader>().Read(World.App, Hour, Hour.AddHours(3), CancellationToken.None);

    private async Task<IReadOnlyList<object?[]>> Answers()
    {
        using var snapshot = await Read();
        return World.Lake.Query(Sql(PropertySql.Source(snapshot, ["idempotency_key"], Asked)));
    }

    private static string Sql(string source) => $"SELECT idempotency_key, {string.Join(", ", Asked.Select(p => p.As))} FROM {source} ORDER BY idempotency_key";

    private static string? Type(LakeSnapshot snapshot, int file, string property) => snapshot.Typed[file][property]?.Type;
}
