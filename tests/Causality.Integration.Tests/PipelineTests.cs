using System.Net;
using System.Text.Json;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests;

/// <summary>What the Pipeline page reads: the books hour by hour, and how events travel just now.</summary>
[TestFixture]
internal sealed class PipelineTests : OnRealServers
{
    private const string App = "watched";

    private HostInside _host = null!;
    private string _key = "";

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start();
        await _host.Client.SignIn();
        _key = await _host.AddApp(App);
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task The_books_are_told_by_hour_of_receipt_and_balance()
    {
        var before = DateTimeOffset.UtcNow;
        var events = Sent.Some(20, before.AddDays(-3)).Select(e => e with { App = App }).ToList();
        foreach (var sent in new[] { events, events })
        {
            using var answer = await _host.Client.Post(sent, _key);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }

        await Eventually(() => _host.Client.Books(App), Is.EqualTo(new Books(40, 20, 20, 0, 0)));
        var ledger = await Ledger("&by=hour");

        var hours = ledger.GetProperty("hours").EnumerateArray().ToList();
        Assert.That(hours.Sum(h => h.GetProperty("accepted").GetInt64()), Is.EqualTo(40));
        Assert.That(hours.Select(h => h.GetProperty("at").GetDateTimeOffset()), Has.All.GreaterThan(before.AddHours(-1)), "hours are of receipt, not of the events' own time");
        Assert.That(hours.Select(h => h.GetProperty("balanced").GetBoolean()), Has.All.True);
        Assert.That(ledger.GetProperty("balanced").GetBoolean(), Is.True);

        var hour = hours[0].GetProperty("at").GetDateTimeOffset();
        Assert.That((await Ledger($"&from={Iso(hour.AddHours(1))}")).GetProperty("accepted").GetInt64(), Is.Zero);
        Assert.That((await Ledger($"&from={Iso(hour)}&to={Iso(hour.AddHours(1))}")).GetProperty("accepted").GetInt64(), Is.EqualTo(hours[0].GetProperty("accepted").GetInt64()));
    }

    [Test]
    public async Task A_thousand_hours_in_one_request_are_several_messages_all_stored_and_each_flush_writes_a_bounded_part_of_them()
    {
        var key = await _host.AddApp("ages");
        var before = await World.Count("select count(*) from sink_inbox");
        var events = Enumerable.Range(0, 1000).Select(i => new Sent($"age-{i}", DateTimeOffset.UtcNow.AddHours(-i), App: "ages")).ToList();
        foreach (var expected in new[] { new Books(1000, 1000, 0, 0, 0), new Books(2000, 1000, 1000, 0, 0) })   // the second time as a retry
        {
            using (var answer = await _host.Client.Post(events, key))
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            await Eventually(() => _host.Client.Books("ages"), Is.EqualTo(expected), TimeSpan.FromMinutes(2));
        }
        Assert.That(await World.Count("select count(*) from sink_inbox") - before, Is.EqualTo(2 * 5));
        Assert.That(await World.Count("select max(n) from (select count(*) as n from lake_files where app_id = 'ages' group by flush_id) f"), Is.LessThanOrEqualTo(200));
        Assert.That((await Ledger("&by=hour")).GetProperty("balanced").GetBoolean(), Is.True);
    }

    [Test]
    public async Task Books_that_do_not_balance_are_called_so()
    {
        await _host.AddApp("tampered");
        await World.Execute("insert into pipeline_arrived (run_id, app_id, hour, events) values (gen_random_uuid(), 'tampered', 1, 3)");
        await World.Execute("insert into pipeline_outcomes (app_id, hour, stored) values ('tampered', 1, 2)");

        var ledger = await _host.Client.Get("/api/v1/pipeline/ledger?app_id=tampered&by=hour");

        Assert.That(ledger.GetProperty("balanced").GetBoolean(), Is.False);
        Assert.That(ledger.GetProperty("hours")[0].GetProperty("balanced").GetBoolean(), Is.False);
    }

    [Test]
    public async Task The_flow_tells_what_was_stored_how_soon_and_what_the_lake_holds()
    {
        var key = await _host.AddApp("flowing");
        using (var answer = await _host.Client.Post(Sent.Some(30, DateTimeOffset.UtcNow).Select(e => e with { App = "flowing" }), key))
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await Eventually(() => _host.Client.Books("flowing"), Has.Property("Balance").True.And.Property("Stored").EqualTo(30));

        var flow = await _host.Client.Get("/api/v1/pipeline/flow?app_id=flowing");

        Assert.That(flow.GetProperty("lake").GetProperty("events").GetInt64(), Is.EqualTo(30));
        Assert.That(flow.GetProperty("lake").GetProperty("files").GetInt64(), Is.Positive);
        Assert.That(flow.GetProperty("freshness").GetProperty("events").GetInt64(), Is.EqualTo(30));
        Assert.That(flow.GetProperty("freshness").GetProperty("p95_seconds").GetDouble(), Is.GreaterThanOrEqualTo(flow.GetProperty("freshness").GetProperty("p50_seconds").GetDouble()).And.Positive);
        Assert.That(flow.GetProperty("minutes").EnumerateArray().Sum(m => m.GetProperty("stored").GetInt64()), Is.EqualTo(30));
    }

    [Test]
    public async Task An_app_without_events_flows_with_nothing()
    {
        await _host.AddApp("silent");
        var flow = await _host.Client.Get("/api/v1/pipeline/flow?app_id=silent");
        Assert.That(flow.TryGetProperty("freshness", out _), Is.False);
        Assert.That(flow.GetProperty("minutes").GetArrayLength(), Is.Zero);
        Assert.That(flow.GetProperty("lake").GetProperty("events").GetInt64(), Is.Zero);
    }

    [TestCase("&from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z")]
    [TestCase("&by=minute")]
    [TestCase("&from=yesterday")]
    public async Task A_question_that_makes_no_sense_is_refused(string also) =>
        Assert.That(await _host.Client.Status($"/api/v1/pipeline/ledger?app_id={App}{also}"), Is.EqualTo(HttpStatusCode.BadRequest));

    private Task<JsonElement> Ledger(string also) => _host.Client.Get($"/api/v1/pipeline/ledger?app_id={App}{also}");

    private static string Iso(DateTimeOffset at) => at.UtcDateTime.ToString("O");
}
