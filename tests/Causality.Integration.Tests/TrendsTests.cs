using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests;

/// <summary>Answers about trends, compared with what was sent: by a loop over the events, in plain sight.</summary>
[TestFixture]
internal sealed class TrendsTests : OnRealServers
{
    private static readonly string[] Types = ["opened", "bought", "Käse gegessen"];
    private static readonly string[] Intervals = ["hour", "day", "week", "month"];

    private readonly List<Sent> _sent = [];
    private HostInside _host = null!;

    [OneTimeSetUp]
    public async Task SendEvents()
    {
        _host = await World.Start();
        await _host.Client.SignIn();
        await _host.AddApp("empty");
        var random = new Random(20261121);
        // about the nights when Berlin's clocks go forward and back, and one more month; hours that occur twice are thick with events
        foreach (var (around, minutes, count) in new[] { ("2026-03-29T01:00:00Z", 2_880, 200), ("2026-10-25T01:00:00Z", 120, 150), ("2026-10-25T01:00:00Z", 4_000, 100), ("2026-04-04T15:00:00Z", 90, 80) })
            for (var i = 0; i < count; i++)
            {
                var at = DateTimeOffset.Parse(around, CultureInfo.InvariantCulture).AddMilliseconds(random.NextInt64(-minutes * 60_000L, minutes * 60_000L));
                // 40 people, the first of whom do the most; some events have none
                var user = (int)(40 * random.NextDouble() * random.NextDouble());
                _sent.Add(new Sent(Guid.CreateVersion7().ToString("N"), at, Types[random.Next(Types.Length)], user == 0 ? null : $"user-{user:00}", (string?)(random.Next(3) switch { 0 => "IOS", 1 => "WEB", _ => null })));
            }
        // the boundaries themselves
        foreach (var at in new[] { "2026-03-28T23:00:00Z", "2026-03-29T00:59:59.999Z", "2026-03-29T01:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:59:59.999Z" })
            _sent.Add(new Sent(Guid.CreateVersion7().ToString("N"), DateTimeOffset.Parse(at, CultureInfo.InvariantCulture), "opened", "user-01", "IOS"));
        foreach (var chunk in _sent.Chunk(100))
            await _host.Client.Accept(chunk);
        await Eventually(() => World.Count("select coalesce(sum(rows), 0) from lake_files"), Is.EqualTo(_sent.Count));
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    private static IEnumerable<TestCaseData> Questions()
    {
        foreach (var interval in Intervals)
            foreach (var (zone, from, to) in new[]
            {
                ("Europe/Berlin", "2026-03-27", "2026-04-02"), ("Europe/Berlin", "2026-10-24", "2026-10-28"), ("UTC", "2026-03-27", "2026-04-02"),
                ("Europe/Berlin", "2026-03-28T22:17:31Z", "2026-03-29T01:30:00+02:00"), ("Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00.5Z"),
                ("Australia/Lord_Howe", "2026-04-04", "2026-04-07"), ("America/St_Johns", "2026-10-23", "2026-10-27"),
            })
                yield return new TestCaseData(interval, zone, from, to);
    }

    [TestCaseSource(nameof(Questions))]
    public async Task Counts_are_those_of_a_loop_over_what_was_sent(string interval, string zone, string from, string to)
    {
        var answer = await Ask(new { app_id = World.App, series = Types.Select(t => new { event_type = t }), from, to, interval, time_zone = zone });

        var (start, end) = (Moment(from, zone), Moment(to, zone));
        var series = answer.GetProperty("series").EnumerateArray().ToList();
        Assert.That(series.Select(s => s.GetProperty("event_type").GetString()), Is.EqualTo(Types));
        foreach (var line in series)
        {
            var times = _sent.Where(e => e.Type == line.GetProperty("event_type").GetString() && e.At >= start && e.At < end).Select(e => e.At).ToList();
            var points = line.GetProperty("points").EnumerateArray().Select(p => (At: p.GetProperty("at").GetDateTimeOffset(), Value: p.GetProperty("value").GetInt64())).ToList();
            Assert.That(points[0].At, Is.EqualTo(start));
            Assert.That(points.Select(p => p.At.Offset), Is.EqualTo(points.Select(p => TimeZoneInfo.FindSystemTimeZoneById(zone).GetUtcOffset(p.At))));
            var expected = points.Select((p, i) => (p.At, (long)times.Count(t => t >= p.At && t < (i + 1 < points.Count ? points[i + 1].At : end))));
            Assert.That(points, Is.EqualTo(expected));
            Assert.That(line.GetProperty("total").GetInt64(), Is.EqualTo(times.Count));
        }
    }

    [TestCase("hour", 25)]
    [TestCase("day", 1)]
    public async Task The_day_of_25_hours_has_each_of_them(string interval, int buckets)
    {
        var answer = await Ask(new { app_id = World.App, series = new[] { new { event_type = "opened" } }, from = "2026-10-25", to = "2026-10-26", interval, time_zone = "Europe/Berlin" });
        var points = answer.GetProperty("series")[0].GetProperty("points").EnumerateArray().ToList();
        Assert.That(points, Has.Count.EqualTo(buckets));
        if (buckets == 25)
            Assert.That(points.Skip(2).Take(2).Select(p => p.GetProperty("at").GetString()), Is.EqualTo(new[] { "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00" }));
    }

    [Test]
    public async Task A_breakdown_names_what_is_missing_and_joins_all_beyond_the_25_heaviest()
    {
        var answer = await Ask(new { app_id = World.App, series = new[] { new { event_type = "opened" } }, from = "2026-01-01", to = "2027-01-01", interval = "month", breakdown = "user_id" });

        var truth = _sent.Where(e => e.Type == "opened").GroupBy(e => e.UserId ?? "(none)").Select(g => (Value: g.Key, Total: (long)g.Count()))
            .OrderByDescending(g => g.Total).ThenBy(g => g.Value, StringComparer.Ordinal).ToList();
        Assert.That(truth, Has.Count.GreaterThan(26), "or there is nothing to join");
        var lines = answer.GetProperty("series").EnumerateArray().Select(l => (Value: l.GetProperty("breakdown").GetString()!, Total: l.GetProperty("total").GetInt64())).ToList();
        Assert.That(lines, Is.EqualTo(truth.Take(25).Append(("(other)", truth.Skip(25).Sum(g => g.Total)))));
        Assert.That(lines.Select(l => l.Value), Does.Contain("(none)"));
        foreach (var line in answer.GetProperty("series").EnumerateArray())
            Assert.That(line.GetProperty("points").EnumerateArray().Sum(p => p.GetProperty("value").GetInt64()), Is.EqualTo(line.GetProperty("total").GetInt64()));
    }

    [TestCase("platform", "(none),ios,web")]
    [TestCase("event_category", "custom")]
    [TestCase("app_id", "shop")]
    [TestCase("is_bot", "(none)")]
    [TestCase("payload.n", "1")]
    [TestCase("payload.none", "(none)")]
    [TestCase("payload.it's \"/~", "(none)")]
    public async Task A_breakdown_takes_any_column_and_property(string column, string values)
    {
        var answer = await Ask(new { app_id = World.App, series = new[] { new { event_type = "bought" } }, from = "2026-01-01", to = "2027-01-01", interval = "month", breakdown = column });
        var lines = answer.GetProperty("series").EnumerateArray().ToList();
        Assert.That(lines.Select(l => l.GetProperty("breakdown").GetString()), Is.EquivalentTo(values.Split(',')));
        Assert.That(lines.Sum(l => l.GetProperty("total").GetInt64()), Is.EqualTo(_sent.Count(e => e.Type == "bought")));
    }

    [TestCase(World.App, "never seen", "2026-03-01", "2026-03-03")]
    [TestCase("empty", "opened", "2026-03-01", "2026-03-03")]
    [TestCase(World.App, "opened", "1980-03-01", "1980-03-03")]
    [TestCase(World.App, "it's \"quoted\"", "2026-03-01", "2026-03-03")]
    public async Task Where_there_is_nothing_each_bucket_is_zero(string app, string type, string from, string to)
    {
        var answer = await Ask(new { app_id = app, series = new[] { new { event_type = type } }, from, to, interval = "day" });
        var line = answer.GetProperty("series").EnumerateArray().Single();
        Assert.That(line.GetProperty("points").EnumerateArray().Select(p => p.GetProperty("value").GetInt64()), Is.EqualTo(new[] { 0L, 0L }));
        Assert.That((line.GetProperty("total").GetInt64(), line.TryGetProperty("breakdown", out _)), Is.EqualTo((0L, false)));
    }

    [Test]
    public async Task A_bad_question_is_told_every_fault_at_once()
    {
        using var answer = await _host.Client.Http.PostAsJsonAsync("/api/v1/analytics/trends",
            new { app_id = "", series = Array.Empty<object>(), from = "yesterday", to = "2026-03-01T00:00:00", interval = "day", breakdown = "payload", time_zone = "Mars/Olympus" });
        var errors = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(errors.EnumerateObject().Select(e => e.Name), Is.EquivalentTo(new[] { "app_id", "series", "breakdown", "time_zone" }));
    }

    [TestCase("yesterday", "2026-03-01", "day", "from")]
    [TestCase("2026-03-01T00:00:00", "2026-03-02", "day", "from")]
    [TestCase("2026-03-01", "2026-02-30", "day", "to")]
    [TestCase("2026-03-01", "2026-03-01", "day", "to")]
    [TestCase("2026-03-02", "2026-03-01", "day", "to")]
    [TestCase("1900-01-01", "2026-03-01", "month", "from")]
    [TestCase("2020-01-01", "2026-01-01", "hour", "interval")]
    public async Task A_range_that_cannot_be_is_refused_by_name(string from, string to, string interval, string field)
    {
        using var answer = await _host.Client.Http.PostAsJsonAsync("/api/v1/analytics/trends", new { app_id = World.App, series = new[] { new { event_type = "opened" } }, from, to, interval });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject().Select(e => e.Name), Is.EqualTo(new[] { field }));
    }

    [TestCase("""{"app_id":"shop"}""")]
    [TestCase("""{"app_id":"shop","series":null,"from":"2026-01-01","to":"2026-01-02","interval":"day"}""")]
    [TestCase("""{"app_id":"shop","series":[null],"from":"2026-01-01","to":"2026-01-02","interval":"day"}""")]
    [TestCase("""{"app_id":"shop","series":[{"event_type":"a"}],"from":"2026-01-01","to":"2026-01-02","interval":"decade"}""")]
    [TestCase("""{"app_id":"shop","series":[{"event_type":"a"}],"from":"9999-12-31T00:00:00Z","to":"9999-12-31T23:00:00Z","interval":"month"}""")]
    [TestCase("{")]
    [TestCase("null")]
    [TestCase("")]
    public async Task A_question_that_makes_no_sense_is_400_and_never_500(string body)
    {
        using var answer = await _host.Client.Post("/api/v1/analytics/trends", body, key: null);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), await answer.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task Event_types_are_counted_from_the_most_frequent()
    {
        var rows = (await _host.Client.Get($"/api/v1/analytics/event-types?app_id={World.App}")).EnumerateArray()
            .Select(r => (r.GetProperty("event_type").GetString()!, r.GetProperty("event_category").GetString(), r.GetProperty("count").GetInt64(), r.GetProperty("last_seen").GetDateTimeOffset()));
        var truth = _sent.GroupBy(e => e.Type).OrderByDescending(g => g.Count())
            .Select(g => (g.Key, (string?)"custom", (long)g.Count(), DateTimeOffset.FromUnixTimeMilliseconds(g.Max(e => e.At.ToUnixTimeMilliseconds()))));
        Assert.That(rows, Is.EqualTo(truth));
        Assert.That((await _host.Client.Get("/api/v1/analytics/event-types?app_id=empty")).GetArrayLength(), Is.Zero);
        Assert.That(await _host.Client.Status("/api/v1/analytics/event-types"), Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task The_snapshot_grows_with_what_is_stored_and_an_answer_holds_all_up_to_it()
    {
        var key = await _host.AddApp("growing");
        var now = DateTimeOffset.UtcNow;
        var question = new { app_id = "growing", series = new[] { new { event_type = "opened" } }, from = now.AddDays(-1), to = now.AddDays(1), interval = "day" };
        Assert.That((await Ask(question)).GetProperty("snapshot").GetInt64(), Is.Zero);
        for (var round = 1; round <= 3; round++)
        {
            using var sent = await _host.Client.Post(Sent.Some(5, now), key);
            Assert.That(sent.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            var answer = await Eventually(async () => await Ask(question) is var a ? (a.GetProperty("snapshot").GetInt64(), a.GetProperty("series")[0].GetProperty("total").GetInt64()) : default, Is.EqualTo(((long)round, round * 5L)));
            Assert.That(answer.Item1, Is.EqualTo(round));
        }
        var unfinished = (await Ask(question)).GetProperty("series")[0].GetProperty("points").EnumerateArray().Single(p => p.TryGetProperty("unfinished", out var u) && u.GetBoolean());
        Assert.That(unfinished.GetProperty("at").GetDateTimeOffset(), Is.LessThanOrEqualTo(DateTimeOffset.UtcNow));
    }

    private async Task<JsonElement> Ask(object question)
    {
        using var answer = await _host.Client.Http.PostAsJsonAsync("/api/v1/analytics/trends", question);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That((answer.StatusCode, body), Is.EqualTo((HttpStatusCode.OK, body)));
        return JsonDocument.Parse(body).RootElement;
    }

    private static DateTimeOffset Moment(string text, string zone)
    {
        if (text.Length > 10)
            return DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
        var local = DateTime.Parse(text, CultureInfo.InvariantCulture);
        return new DateTimeOffset(local, TimeZoneInfo.FindSystemTimeZoneById(zone).GetUtcOffset(local));
    }
}
