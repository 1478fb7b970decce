using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Causality.Contracts;
using Causality.Integration.Tests.Swaps;
using Causality.Lake.Catalog;
using Causality.Lake.Properties;
using Causality.Query.Catalog;
using Causality.Sink;
using Causality.Sink.Erasure;
using Causality.Sink.Flushing;
using Causality.Sink.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Catalog;

/// <summary>What the payloads of an app's events have, as it is kept by flushes and answered.</summary>
[TestFixture]
internal sealed class PropertyCatalogTests : OnRealServers
{
    private const int Most = 20;

    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds((DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 3600 - 3) * 3600 + 1800);

    private readonly ArmedFailPoint _failPoint = new();
    private HostInside _host = null!;
    private LakeDesk _desk = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start(also: services =>
        {
            services.AddSingleton<IFailPoint>(_failPoint);
            services.Configure<SinkOptions>(sink => sink.CatalogProperties = Most);
            LakeDesk.ByHand(services);
        });
        _desk = new LakeDesk(_host);
        await _host.Client.SignIn();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Properties_are_listed_with_the_kinds_of_their_values_by_type_and_over_all()
    {
        await _host.AddApp("kinds");
        await Store("kinds", ("view", 0, """{"plan":"pro","price":1.5,"tags":[1],"nested":{"deep":1},"trial":true,"gone":null}"""));
        await Store("kinds", ("view", 60, """{"price":"two","plan":"free"}"""), ("view", -60, """{"plan":"pro"}"""), ("buy", 120, """{"plan":7,"a/b~c'd \"e\" ü":1}"""), ("view", 0, "{}"));

        var all = await List("kinds");
        Assert.That(all.Select(p => $"{p.Name} {p.Kinds} of {p.Types}"), Is.EqualTo(new[]
        {
            """plan {"text":3,"number":1} of 2""", """price {"text":1,"number":1} of 1""", """a/b~c'd "e" ü {"number":1} of 1""", """gone {"null":1} of 1""", """nested {"object":1} of 1""",
            """tags {"list":1} of 1""", """trial {"boolean":1} of 1""",
        }));
        Assert.That((all[0].First, all[0].Last, all[0].Events), Is.EqualTo((Ms(-60), Ms(120), 4)));
        var bought = await List("kinds", "buy");
        Assert.That(bought.Select(p => (p.Name, p.Events, p.First)), Is.EqualTo(new[] { ("a/b~c'd \"e\" ü", 1L, Ms(120)), ("plan", 1L, Ms(120)) }));
        Assert.That(await List("kinds", "never"), Is.Empty);
    }

    [Test]
    public async Task Only_what_is_stored_counts_and_once_whatever_is_tried()
    {
        await _host.AddApp("once");
        var rows = Enumerable.Range(0, 5).Select(i => new Row($"once {i}", At, App: "once", Payload: """{"a":1}""")).ToList();
        await Record(new Person("once", "erased", [], DateTimeOffset.UtcNow));
        _failPoint.Arm(FlushStep.LedgerWritten, () => throw new IOException("the test stops the flush before it commits"));
        var message = new Waiting(Guid.CreateVersion7(), LakeDesk.Message([.. rows, rows[0], new Row("once e", At, App: "once", UserId: "erased", Payload: """{"a":1,"b":1}"""), new Row("once d", At, App: "once", Payload: """{"a":1,"c":"""), ]), 0);
        var flush = _host.Services.GetRequiredService<Flush>();

        Assert.That(async () => await flush.Run([message], CancellationToken.None), Throws.InstanceOf<IOException>());
        Assert.That((await flush.Run([message], CancellationToken.None)).Stored, Is.EqualTo(6), "five, and the erased one as far as the books go");
        await flush.Run([message], CancellationToken.None);
        await _desk.Store(rows);

        Assert.That((await List("once")).Select(p => (p.Name, p.Events)), Is.EqualTo(new[] { ("a", 5L) }));
    }

    [Test]
    public async Task Names_beyond_the_bound_and_names_that_no_catalog_holds_are_counted_beside_it()
    {
        await _host.AddApp("wild");
        await Store("wild", ("view", 0, """{"plan":"pro"}"""), ("view", 0, """{"plan":"pro","nul\u0000":1,"half\ud800":2}"""));
        Assert.That(await Beyond("wild"), Is.EqualTo((1, 1)));
        // the ones of the most events get the room that is left
        await Store("wild", [.. Enumerable.Range(0, 30).Select(i => ("view", 0, $$"""{"often":1,"new {{i:00}}":1}"""))]);
        await Store("wild", ("view", 0, """{"plan":"pro","later":1}"""), ("buy", 0, """{"later":1}"""));

        var listed = await List("wild", "view");
        Assert.That(listed, Has.Count.EqualTo(Most));
        Assert.That(listed.Take(2).Select(p => (p.Name, p.Events)), Is.EqualTo(new[] { ("often", 30L), ("plan", 3L) }));
        Assert.That(listed.Skip(2).Select(p => p.Name), Is.EqualTo(Enumerable.Range(0, Most - 2).Select(i => $"new {i:00}")));
        Assert.That(await Beyond("wild"), Is.EqualTo((1 + 30 - (Most - 2) + 1, 1)));
        Assert.That((await List("wild", "buy")).Select(p => p.Name), Is.EqualTo(new[] { "later" }));
    }

    [Test]
    public async Task Two_sinks_that_fill_the_last_places_at_once_keep_the_bound()
    {
        await _host.AddApp("crowd");
        await using var other = await World.Start("sink", also: services => services.Configure<SinkOptions>(sink => sink.CatalogProperties = Most));
        var desks = new[] { _desk, new LakeDesk(other) };
        for (var round = 0; round < 12; round++)
            await Task.WhenAll(desks.Select((desk, d) => Task.Run(() => desk.Store(Row.Some(3, At, "crowd").Select((r, i) => r with { Type = "view", Payload = $$"""{"p{{round}} {{d}} {{i}}":1}""" }).ToList()))));

        Assert.That(await World.Count("select count(*) from property_catalog where app_id = 'crowd'"), Is.EqualTo(Most));
        Assert.That(await World.Count("select sum(numbers) from property_catalog where app_id = 'crowd'") + (await Beyond("crowd")).Events, Is.EqualTo(12 * 2 * 3));
    }

    [Test]
    public async Task A_flush_of_more_types_than_the_database_has_locks_for_is_stored()
    {
        const int types = 20_000;
        await _host.AddApp("galore");
        var rows = Enumerable.Range(0, types).Select(i => new Row($"galore {i}", At, $"type {i:00000}", "galore")).ToList();
        var before = Stopwatch.GetTimestamp();
        await _desk.Store(rows);
        await _desk.Store([.. rows.Select(r => r with { Key = r.Key + " again" })]);
        TestContext.Out.WriteLine($"{types} types, new and then known: {Stopwatch.GetElapsedTime(before)}");

        Assert.That(await World.Count("select count(*) from property_catalog where app_id = 'galore' and numbers = 2"), Is.EqualTo(types));
    }

    [Test]
    public async Task Names_are_remembered_up_to_some_megabytes_and_counted_beyond_that()
    {
        const int types = 250;
        await _host.AddApp("names");
        var catalog = _host.Services.GetRequiredService<PropertyCatalog>();
        for (var round = 0; round < 3; round++)
            await Store("names", [.. Enumerable.Range(0, types).Select(t => ($"type {t}", 0, $"{{{string.Join(",", Enumerable.Range(0, Most).Select(p => $"\"{new string('n', 500)}{p}\":1"))}}}"))]);

        Assert.That(2L * types * Most * 500, Is.GreaterThan(PropertyCatalog.MostBytes));
        Assert.That(catalog.Bytes, Is.Positive.And.LessThanOrEqualTo(PropertyCatalog.MostBytes));
        Assert.That(await World.Count("select count(*) from property_catalog where app_id = 'names' and numbers = 3"), Is.EqualTo(types * Most));
    }

    [Test]
    public async Task Values_come_from_the_lake_the_most_frequent_first_and_go_with_the_erased()
    {
        await _host.AddApp("values");
        await _desk.Store([.. Enumerable.Range(0, 6).Select(i => new Row($"v {i}", At, "view", "values", UserId: i == 0 ? "gone" : "", Payload: $$"""{"plan":"{{(i < 3 ? "pro" : i < 5 ? "Premium" : "free")}}"}"""))]);
        await _desk.Store(new Row("v secret", At, "view", "values", UserId: "gone", Payload: """{"plan":"known to one","list":[1,"x"]}"""), new Row("v other", At, "buy", "values", Payload: """{"plan":8}"""),
            new Row("v old", At.AddDays(-20), "view", "values", Payload: """{"plan":"old"}"""), new Row("v null", At, "view", "values", Payload: """{"plan":null}"""));

        Assert.That(await Values("values", "property=plan"), Is.EqualTo("pro 3, Premium 2, 8 1, free 1, known to one 1"));
        Assert.That(await Values("values", "property=plan&event_type=view&search=PR&limit=1"), Is.EqualTo("pro 3"));
        Assert.That(await Values("values", "property=plan&days=30&search=ol"), Is.EqualTo("old 1"));
        Assert.That(await Values("values", "property=list"), Is.EqualTo("[1,\"x\"] 1"));
        Assert.That(await Values("values", "property=none"), Is.Empty);
        Assert.That(await Values("values", $"property=plan&search={Uri.EscapeDataString("it's % _")}"), Is.Empty);
        await Record(new Person("values", "gone", [], DateTimeOffset.UtcNow));
        await _host.Services.GetRequiredService<EraseUsers>().RunAll(CancellationToken.None);
        await Eventually(() => Values("values", "property=plan"), Is.EqualTo("Premium 2, pro 2, 8 1, free 1"));
        Assert.That(await World.Count("select texts from property_catalog where app_id = 'values' and event_type = 'view' and property = 'plan'"), Is.EqualTo(8), "counts are of what was stored");
    }

    [TestCase("", "app-id-missing")]
    [TestCase("?app_id=shop", "property-invalid")]
    [TestCase("?app_id=shop&property=", "property-invalid")]
    [TestCase("?app_id=shop&property=plan&limit=0", "limit-invalid")]
    [TestCase("?app_id=shop&property=plan&limit=101", "limit-invalid")]
    [TestCase("?app_id=shop&property=plan&limit=many", "bad-request")]
    [TestCase("?app_id=shop&property=plan&days=91", "days-invalid")]
    public async Task A_bad_question_about_values_says_what_to_change(string query, string code)
    {
        using var answer = await _host.Client.Http.GetAsync($"/api/v1/catalog/properties/values{query}");
        Assert.That((answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()), Is.EqualTo((HttpStatusCode.BadRequest, code)));
    }

    [Test]
    public async Task Event_types_say_when_they_were_first_seen_and_how_many_came_in_recent_days()
    {
        await _host.AddApp("types");
        await Store("types", ("view", 0, "{}"), ("view", -60 * 24 * 40, "{}"), ("buy", -60 * 24 * 41, "{}"));

        var types = (await _host.Client.Get("/api/v1/analytics/event-types?app_id=types&recent_days=30")).EnumerateArray()
            .Select(t => (t.GetProperty("event_type").GetString(), t.GetProperty("count").GetInt64(), t.GetProperty("recent").GetInt64(), t.GetProperty("first_seen").GetDateTimeOffset().ToUnixTimeMilliseconds()));
        Assert.That(types, Is.EqualTo(new[] { ("view", 2L, 1L, Ms(-60 * 24 * 40)), ("buy", 1L, 0L, Ms(-60 * 24 * 41)) }));
        Assert.That((await _host.Client.Get("/api/v1/analytics/event-types?app_id=types"))[0].TryGetProperty("recent", out _), Is.False);
        Assert.That(await _host.Client.Status("/api/v1/analytics/event-types?app_id=types&recent_days=0"), Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task A_property_that_is_asked_often_gets_a_column_and_every_answer_stays_what_it_was()
    {
        await _host.AddApp("asked");
        for (var file = 0; file < 3; file++)
            await _desk.Store([.. Enumerable.Range(0, 12).Select(i => new Row($"a {file} {i}", At.AddMinutes(-i), "view", "asked", Payload: i % 4 == 0 ? "{}" : $$"""{"pl.an":"{{(i % 3 == 0 ? "pro" : "free")}}"}"""))]);
        var json = await Trend("asked", "payload.pl.an");
        Assert.That(json, Does.Contain("pro").And.Contain("free").And.Contain("(none)"));
        for (var i = 1; i < HotProperties.Threshold; i++)
            await Trend("asked", "payload.pl.an");
        await Trend("asked", "payload.never sent");

        await Eventually(() => World.Count("select asked from hot_properties where app_id = 'asked' and property = 'pl.an'"), Is.EqualTo(HotProperties.Threshold));
        await _desk.Run("compaction", new JobOrder("asked"));

        Assert.That(await World.Count("select count(*) from lake_files where app_id = 'asked' and retired_snapshot is null and typed_columns -> 'pl.an' ->> 'column' = 'p_pl_an'"), Is.Positive);
        Assert.That(await World.Count("select count(*) from lake_files where app_id = 'asked' and retired_snapshot is null and typed_columns -> 'pl.an' is null"), Is.Zero);
        Assert.That(await Trend("asked", "payload.pl.an"), Is.EqualTo(json));
        Assert.That((await List("asked")).Select(p => (p.Name, p.Column, p.Chosen)), Is.EqualTo(new[] { ("pl.an", "p_pl_an VARCHAR", false) }));
        Assert.That(await World.Count("select count(*) from hot_properties where app_id = 'asked'"), Is.EqualTo(1), "who asks for what nobody sends makes no rows");
    }

    [Test]
    public async Task What_cannot_be_written_of_one_app_keeps_nobody_elses_questions_waiting()
    {
        await World.Execute(
            """
            insert into property_catalog (app_id, event_type, property, texts, numbers, booleans, lists, objects, nulls, first_seen_ms, last_seen_ms)
            select kind || n, 'view', 'plan', 1, 0, 0, 0, 0, 0, 0, 0 from unnest(array['refused-', 'fine-']) kind, generate_series(1, 20) n;
            create function refuse() returns trigger language plpgsql as $$ begin raise 'the test refuses this row'; end $$;
            create trigger refuse before insert on hot_properties for each row when (new.app_id like 'refused-%') execute function refuse();
            """);
        var questions = _host.Services.GetRequiredService<PropertyQuestions>();
        for (var app = 1; app <= 20; app++)
            foreach (var kind in new[] { "refused-", "fine-" })
                questions.Asked($"{kind}{app}", "plan");

        await Eventually(() => World.Count("select coalesce(sum(asked), 0) from hot_properties where app_id like 'fine-%'"), Is.EqualTo(20));
        Assert.That(await World.Count("select count(*) from hot_properties where app_id like 'refused-%'"), Is.Zero);
    }

    [Test]
    public async Task An_admin_chooses_columns_and_takes_the_choice_back()
    {
        await _host.AddApp("chosen");
        await Store("chosen", ("view", 0, """{"n":1,"m":2}"""));
        Assert.That(await Choose("chosen", "n", "ahead", "n"), Is.EqualTo((HttpStatusCode.OK, "ahead p_ahead, n p_n")));
        Assert.That((await List("chosen")).Select(p => (p.Name, p.Events, p.Column, p.Chosen)), Is.EqualTo(new (string, long, string?, bool)[] { ("m", 1, null, false), ("n", 1, "p_n", true), ("ahead", 0, "p_ahead", true) }));
        await _desk.Run("compaction", new JobOrder("chosen"));
        Assert.That((await List("chosen")).Single(p => p.Name == "n").Column, Is.EqualTo("p_n BIGINT"));
        Assert.That(await Choose("chosen", "m"), Is.EqualTo((HttpStatusCode.OK, "m p_m")));
        Assert.That(await Choose("chosen"), Is.EqualTo((HttpStatusCode.OK, "")));
        Assert.That((await List("chosen")).Any(p => p.Chosen), Is.False);

        Assert.That(await World.Count("select count(*) from audit_log where action = 'columns-chosen' and subject = 'app/chosen'"), Is.EqualTo(3));
        Assert.That(await World.Scalar("select changes::text from audit_log where action = 'columns-chosen' and subject = 'app/chosen' order by id offset 1 limit 1"), Does.Contain("ahead, n").And.Contain("\"m\""));
        var (status, text) = await Choose("chosen", [.. Enumerable.Range(0, HotProperties.Most + 1).Select(i => $"p{i}")]);
        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(text, Does.Contain("at most 12"));
        Assert.That((await Choose("chosen", "")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await Choose("chosen", "a\0b")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    private sealed record Listed(string Name, string Kinds, long Events, int Types, long? First, long? Last, string? Column, bool Chosen);

    private Task<FlushResult> Store(string app, params (string Type, int Minutes, string Payload)[] events) =>
        _desk.Store([.. events.Select(e => new Row(Guid.CreateVersion7().ToString("N"), At.AddMinutes(e.Minutes), e.Type, app, Payload: e.Payload))]);

    private async Task<List<Listed>> List(string app, string? type = null) =>
    [
        .. (await _host.Client.Get($"/api/v1/catalog/properties?app_id={app}{(type is null ? "" : $"&event_type={type}")}")).GetProperty("properties").EnumerateArray().Select(p => new Listed(
            p.GetProperty("name").GetString()!, p.GetProperty("kinds").GetRawText(), p.GetProperty("events").GetInt64(), p.GetProperty("event_types").GetInt32(), Time(p, "first_seen"), Time(p, "last_seen"),
            p.TryGetProperty("column", out var column) ? $"{column}{(p.TryGetProperty("column_type", out var t) ? $" {t}" : "")}" : null, p.GetProperty("chosen").GetBoolean())),
    ];

    private static long? Time(JsonElement property, string name) => property.TryGetProperty(name, out var time) ? time.GetDateTimeOffset().ToUnixTimeMilliseconds() : null;

    private async Task<(long Events, long Types)> Beyond(string app) =>
        (await _host.Client.Get($"/api/v1/catalog/properties?app_id={app}")).TryGetProperty("beyond", out var beyond) ? (beyond.GetProperty("events").GetInt64(), beyond.GetProperty("event_types").GetInt64()) : (0, 0);

    private async Task<string> Values(string app, string query) =>
        string.Join(", ", (await _host.Client.Get($"/api/v1/catalog/properties/values?app_id={app}&{query}")).GetProperty("values").EnumerateArray().Select(v => $"{v.GetProperty("value").GetString()} {v.GetProperty("events")}"));

    private async Task<string> Trend(string app, string breakdown)
    {
        using var answer = await _host.Client.Http.PostAsJsonAsync("/api/v1/analytics/trends",
            new { app_id = app, series = new[] { new { event_type = "view" } }, from = At.AddDays(-1), to = At.AddHours(1), interval = "hour", breakdown });
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), body);
        return JsonDocument.Parse(body).RootElement.GetProperty("series").GetRawText();
    }

    private async Task<(HttpStatusCode Status, string Text)> Choose(string app, params string[] properties)
    {
        using var answer = await _host.Client.Http.PutAsJsonAsync("/api/v1/catalog/properties/columns", new { app_id = app, properties });
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (answer.StatusCode, answer.StatusCode == HttpStatusCode.OK
            ? string.Join(", ", body.GetProperty("columns").EnumerateArray().Select(c => $"{c.GetProperty("property").GetString()} {c.GetProperty("column").GetString()}").Order(StringComparer.Ordinal)) : body.ToString());
    }

    private Task<ErasureReport> Record(Person person) => RequestErasure.Record(person, "ada@example.com", _host.Services.GetRequiredService<NpgsqlDataSource>(), CancellationToken.None);

    private static long Ms(int minutes) => At.AddMinutes(minutes).ToUnixTimeMilliseconds();
}
