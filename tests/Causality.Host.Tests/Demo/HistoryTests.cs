using System.Text.Json;
using Causality.Host.Demo;
using NUnit.Framework;

namespace Causality.Host.Tests.Demo;

[TestFixture]
internal sealed class HistoryTests
{
    private static readonly HistoryOptions Quarter = new(120_000, 84, Seed: 7, new DateTimeOffset(2026, 3, 2, 15, 0, 0, TimeSpan.Zero), "shop");
    private static readonly History Told = new(Quarter);
    private static readonly List<Seen> All = [.. Told.Events().Select(Seen.Of)];

    [Test]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_other_ones()
    {
        var small = Quarter with { Events = 3_000, Days = 5 };
        var first = Bytes(small);
        Assert.That(Bytes(small), Is.EqualTo(first));
        Assert.That(first, Is.Not.EqualTo(Bytes(small with { Seed = 8 })));
    }

    [Test]
    public void A_history_of_another_length_shares_no_key_so_that_none_of_it_is_taken_for_a_duplicate()
    {
        var small = Quarter with { Events = 3_000, Days = 5 };
        var keys = Keys(small).ToHashSet();
        Assert.That(keys, Has.Count.EqualTo(3_000));
        foreach (var other in new[] { small with { Events = 3_001 }, small with { Days = 6 }, small with { Until = small.Until.AddHours(1) } })
            Assert.That(Keys(other).Where(keys.Contains), Is.Empty);
    }

    [TestCase(1, 1)]
    [TestCase(7, 90)]
    [TestCase(999, 1)]
    [TestCase(50_000, 1)]
    [TestCase(20_000, 400)]
    public void It_has_exactly_as_many_events_as_asked_in_order_of_time_within_its_days(int events, int days)
    {
        var options = Quarter with { Events = events, Days = days };
        var times = new History(options).Events().Select(e => e.TimestampMs).ToList();
        Assert.That(times, Has.Count.EqualTo(events));
        Assert.That(times, Is.Ordered);
        Assert.That(times[0], Is.GreaterThanOrEqualTo(options.From.ToUnixTimeMilliseconds()));
        Assert.That(times[^1], Is.LessThan(options.Until.ToUnixTimeMilliseconds()));
    }

    [Test]
    public void Every_event_keeps_the_contract()
    {
        var broken = new History(Quarter with { Events = 20_000 }).Events().SelectMany(e => Contract.Violations(e.Json).Select(v => $"{v}: {System.Text.Encoding.UTF8.GetString(e.Json)}")).Take(3);
        Assert.That(broken, Is.Empty);
    }

    [Test]
    public void Each_step_of_the_purchase_funnel_loses_shoppers_and_phones_of_one_kind_convert_better()
    {
        int Sessions(string payload) => All.Where(e => e.Payload == payload).Select(e => e.Session).Distinct().Count();
        double Conversion(string platform) =>
            (double)All.Count(e => e.Platform == platform && e.Payload == "purchaseComplete") / All.Where(e => e.Platform == platform).Select(e => e.Session).Distinct().Count();

        var steps = new[] { "screenView", "productView", "addToCart", "checkoutStart", "purchaseComplete" }.Select(Sessions).ToArray();
        Assert.That(steps, Is.Ordered.Descending);
        Assert.That((double)steps[^1] / steps[0], Is.InRange(0.02, 0.08), string.Join(", ", steps));
        Assert.That(Conversion("PLATFORM_IOS"), Is.GreaterThan(Conversion("PLATFORM_WEB") * 1.05));
    }

    [Test]
    public void An_order_follows_the_steps_of_its_own_checkout()
    {
        foreach (var session in All.Where(e => e.Payload == "purchaseComplete").Take(100).Select(e => e.Session).ToHashSet())
        {
            var steps = All.Where(e => e.Session == session).Select(e => e.Payload).Where(p => p is "addToCart" or "checkoutStart" or "checkoutStep" or "purchaseComplete").ToList();
            Assert.That(steps.SkipWhile(p => p == "addToCart"), Is.EqualTo(new[] { "checkoutStart", "checkoutStep", "checkoutStep", "checkoutStep", "purchaseComplete" }));
            Assert.That(steps[0], Is.EqualTo("addToCart"));
        }
    }

    [Test]
    public void Sundays_are_busier_than_Fridays_evenings_than_nights_and_the_shop_grows()
    {
        var zone = All.Where(e => e.TimeZone == "Europe/Berlin").Select(e => e.At.AddHours(1)).ToList();
        Assert.That(zone.Count(t => t.DayOfWeek == DayOfWeek.Sunday), Is.GreaterThan(1.2 * zone.Count(t => t.DayOfWeek == DayOfWeek.Friday)));
        Assert.That(zone.Count(t => t.Hour is 20 or 21), Is.GreaterThan(6 * zone.Count(t => t.Hour is 3 or 4)));
        double Between(int from, int to) => All.Count(e => e.At >= Quarter.From.AddDays(from) && e.At < Quarter.From.AddDays(to));
        Assert.That(Between(70, 84) / Between(0, 14), Is.InRange(1.3, 1.8));
    }

    [Test]
    public void One_week_of_Android_crashes_and_sells_less()
    {
        var android = All.Where(e => e.Platform == "PLATFORM_ANDROID").ToList();
        var bad = android.Where(e => e.At >= Told.Releases.BrokenFrom.AddDays(2) && e.At < Told.Releases.BrokenUntil).ToList();
        var before = android.Where(e => e.At < Told.Releases.BrokenFrom).ToList();
        double Share(List<Seen> of, string payload, string per) => (double)of.Count(e => e.Payload == payload) / of.Count(e => e.Payload == per);

        Assert.That(Told.Releases.BrokenUntil - Told.Releases.BrokenFrom, Is.EqualTo(TimeSpan.FromDays(7)));
        Assert.That(Share(bad, "appCrash", "appStart"), Is.GreaterThan(4 * Share(before, "appCrash", "appStart")));
        Assert.That(Share(bad, "purchaseComplete", "checkoutStart"), Is.LessThan(0.75 * Share(before, "purchaseComplete", "checkoutStart")));
        var ios = All.Where(e => e.Platform == "PLATFORM_IOS" && e.At >= Told.Releases.BrokenFrom && e.At < Told.Releases.BrokenUntil).ToList();
        Assert.That(Share(ios, "appCrash", "appStart"), Is.LessThan(0.03));
    }

    [Test]
    public void Some_of_a_weeks_newcomers_return_the_week_after_and_fewer_a_month_after()
    {
        var starts = All.GroupBy(e => e.Session).Select(g => (g.First().Device, g.First().At)).GroupBy(s => s.Device, s => s.At)
            .Where(g => g.Min() < Quarter.From.AddDays(50)).Select(g => g.Select(t => (t - g.Min()).TotalDays).ToList()).ToList();
        double Back(int from, int to) => starts.Count(days => days.Any(d => d >= from && d < to)) / (double)starts.Count;
        Assert.That((Back(1, 8), Back(28, 35)), Is.EqualTo((0.3, 0.1)).Using<(double, double)>((a, b) => Math.Abs(a.Item1 - b.Item1) < 0.12 && Math.Abs(a.Item2 - b.Item2) < 0.07));
        Assert.That(Back(1, 8), Is.GreaterThan(1.5 * Back(28, 35)));
    }

    [Test]
    public void Newer_versions_take_over_from_older_ones()
    {
        var ios = All.Where(e => e.Platform == "PLATFORM_IOS").ToList();
        var last = ios.Where(e => e.At > Quarter.Until.AddDays(-10)).Select(e => e.Version).ToHashSet();
        var first = ios.Where(e => e.At < Quarter.From.AddDays(7)).Select(e => e.Version).ToHashSet();
        Assert.That(first.Intersect(last), Is.Empty);
        Assert.That(ios.Select(e => e.Version).Distinct().Count(), Is.GreaterThanOrEqualTo(6));
    }

    private static byte[] Bytes(HistoryOptions options) => [.. new History(options).Events().SelectMany(e => e.Json)];

    private static IEnumerable<string?> Keys(HistoryOptions options) =>
        new History(options).Events().Select(e => JsonDocument.Parse(e.Json).RootElement.GetProperty("idempotencyKey").GetString());

    private sealed record Seen(DateTimeOffset At, string Payload, string Session, string Device, string Platform, string TimeZone, string Version)
    {
        public static Seen Of(DemoEvent made)
        {
            using var json = JsonDocument.Parse(made.Json);
            var context = json.RootElement.GetProperty("deviceContext");
            string Text(JsonElement of, string name) => string.Intern(of.GetProperty(name).GetString()!);
            return new Seen(DateTimeOffset.FromUnixTimeMilliseconds(made.TimestampMs), json.RootElement.EnumerateObject().Last().Name,
                Text(json.RootElement, "sessionId"), Text(json.RootElement, "deviceId"), Text(context, "platform"), Text(context, "timezone"), Text(context, "appVersion"));
        }
    }
}
