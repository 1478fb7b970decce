using Causality.Query.Trends;
using NUnit.Framework;

namespace Causality.Query.Tests;

[TestFixture]
internal sealed class BucketsTests
{
    private static readonly string[] Zones =
        ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "Asia/Beirut", "Africa/Casablanca", "Pacific/Apia", "America/St_Johns", "Antarctica/Troll"];

    [TestCase("2026-03-28", "2026-03-31", new[] { 24, 23, 24 })]
    [TestCase("2026-10-24", "2026-10-27", new[] { 24, 25, 24 })]
    public void A_day_has_the_hours_that_its_zone_gives_it(string from, string to, int[] hours)
    {
        var buckets = Of("Europe/Berlin", from, to, Interval.Day);
        Assert.That(Lengths(buckets).Select(l => l.TotalHours), Is.EqualTo(hours));
    }

    [TestCase("2026-03-29", 23)]
    [TestCase("2026-10-25", 25)]
    [TestCase("2026-10-26", 24)]
    public void An_hour_that_occurs_twice_is_two_buckets_and_one_that_is_skipped_is_none(string day, int count)
    {
        var buckets = Of("Europe/Berlin", day, Next(day), Interval.Hour);
        Assert.That(buckets.Starts, Has.Count.EqualTo(count));
        Assert.That(Lengths(buckets), Has.All.EqualTo(TimeSpan.FromHours(1)));
    }

    // the clock goes back by half an hour at 02:00: 01:30 to 02:00 occurs twice
    [TestCase("2026-04-05", 24.5, 25)]
    // and forward by half an hour at 02:00: 02:00 to 02:30 does not occur
    [TestCase("2026-10-04", 23.5, 24)]
    public void On_Lord_Howe_the_clock_moves_by_half_an_hour(string day, double hours, int buckets)
    {
        Assert.That(Lengths(Of("Australia/Lord_Howe", day, Next(day), Interval.Day)).Single().TotalHours, Is.EqualTo(hours));
        var cut = Of("Australia/Lord_Howe", day, Next(day), Interval.Hour);
        Assert.That(cut.Starts, Has.Count.EqualTo(buckets));
        Assert.That(Lengths(cut).Sum(l => l.TotalHours), Is.EqualTo(hours));
    }

    [Test]
    public void Weeks_begin_on_Monday_and_the_first_and_last_are_cut_to_the_range()
    {
        var buckets = Of("Europe/Berlin", "2026-03-25", "2026-04-08", Interval.Week);
        Assert.That(Days(buckets, "Europe/Berlin"), Is.EqualTo(new[] { "2026-03-25", "2026-03-30", "2026-04-06" }));
        Assert.That(Lengths(buckets)[0], Is.EqualTo(TimeSpan.FromHours(5 * 24 - 1)));
    }

    [Test]
    public void Months_begin_on_the_first() =>
        Assert.That(Days(Of("America/New_York", "2026-01-31", "2026-04-02", Interval.Month), "America/New_York"), Is.EqualTo(new[] { "2026-01-31", "2026-02-01", "2026-03-01", "2026-04-01" }));

    [Test]
    public void Where_midnight_is_skipped_the_day_begins_when_the_clock_goes_on() =>
        Assert.That(Of("Asia/Beirut", "2026-03-29", "2026-03-30", Interval.Day).Starts[0], Is.EqualTo(Instant("2026-03-28T22:00:00Z")));

    [Test]
    public void Where_midnight_occurs_twice_the_day_begins_with_the_first() =>
        Assert.That(Of("America/Havana", "2026-11-01", "2026-11-02", Interval.Day).Starts[0], Is.EqualTo(Instant("2026-11-01T04:00:00Z")));

    [Test]
    public void A_day_that_a_zone_left_out_is_no_bucket() =>
        Assert.That(Days(Of("Pacific/Apia", "2011-12-29", "2012-01-01", Interval.Day), "Pacific/Apia"), Is.EqualTo(new[] { "2011-12-29", "2011-12-31" }));

    [Test]
    public void More_buckets_than_asked_for_are_none()
    {
        Assert.That(Buckets.Of(At("2026-01-01T00:00:00Z"), At("2026-01-01T10:00:00Z"), Interval.Hour, TimeZoneInfo.Utc, 10)?.Starts, Has.Count.EqualTo(10));
        Assert.That(Buckets.Of(At("2026-01-01T00:00:00Z"), At("2026-01-01T10:00:00.001Z"), Interval.Hour, TimeZoneInfo.Utc, 10), Is.Null);
    }

    [Test]
    public void Steps_add_up_to_the_buckets_of_an_obvious_loop_wherever_the_range_is_cut()
    {
        var random = new Random(20261121);
        for (var round = 0; round < 1_500; round++)
        {
            var zone = Zone(Zones[random.Next(Zones.Length)]);
            var interval = Enum.GetValues<Interval>()[random.Next(4)];
            var from = At("2024-06-01T00:00:00Z").AddMilliseconds(random.NextInt64(3L * 365 * 86_400_000));
            var to = from.AddMilliseconds(1 + random.NextInt64((interval == Interval.Hour ? 5L : interval == Interval.Day ? 40 : 200) * 86_400_000));
            if (random.Next(2) == 0)
                (from, to) = (new DateTimeOffset(from.Date, TimeSpan.Zero), new DateTimeOffset(to.Date.AddDays(1), TimeSpan.Zero));
            var buckets = Buckets.Of(from, to, interval, zone, 10_000)!;
            var words = $"{zone.Id} {interval} {from:O} {to:O}";

            Assert.That((buckets.From, buckets.To), Is.EqualTo((from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds())), words);
            Assert.That(buckets.Origin, Is.LessThanOrEqualTo(buckets.From), words);
            Assert.That(buckets.Starts, Is.EqualTo(Slowly(from, to, interval, zone)), words);
            foreach (var time in buckets.Starts.SelectMany(s => new[] { s - 1, s, s + 1 }).Append(buckets.To - 1).Concat(Enumerable.Range(0, 20).Select(_ => random.NextInt64(buckets.From, buckets.To))))
            {
                if (time < buckets.From || time >= buckets.To)
                    continue;
                var expected = buckets.Starts.Count(s => s <= time) - 1;
                Assert.That(buckets.BucketOf((time - buckets.Origin) / buckets.Step), Is.EqualTo(expected), $"{words} at {DateTimeOffset.FromUnixTimeMilliseconds(time):O}");
                Assert.That(buckets.Holds(expected, time), Is.True, words);
            }
        }
    }

    /// <summary>Minute by minute: a bucket begins where the local clock shows another hour, day, week or month than a minute before, or the same hour again.</summary>
    private static List<long> Slowly(DateTimeOffset from, DateTimeOffset to, Interval interval, TimeZoneInfo zone)
    {
        var starts = new List<long> { from.ToUnixTimeMilliseconds() };
        var minute = from.ToUnixTimeMilliseconds() / 60_000 * 60_000;
        var step = interval == Interval.Hour ? 60_000 : 15 * 60_000;
        minute -= minute % step;
        var before = Name(from, interval, zone);
        for (var at = minute + step; at < to.ToUnixTimeMilliseconds(); at += step)
        {
            var name = Name(DateTimeOffset.FromUnixTimeMilliseconds(at), interval, zone);
            if (name != before && at > starts[^1])
                starts.Add(at);
            before = name;
        }
        return starts;
    }

    private static string Name(DateTimeOffset at, Interval interval, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        return interval switch
        {
            Interval.Hour => $"{local:yyyy-MM-dd HH zzz}",
            Interval.Day => $"{local:yyyy-MM-dd}",
            Interval.Week => $"{local.Date.AddDays(-(((int)local.DayOfWeek + 6) % 7)):yyyy-MM-dd}",
            _ => $"{local:yyyy-MM}",
        };
    }

    private static Buckets Of(string zone, string from, string to, Interval interval) =>
        Buckets.Of(TrendsPlan.Moment(from, Zone(zone))!.Value, TrendsPlan.Moment(to, Zone(zone))!.Value, interval, Zone(zone), 10_000)!;

    private static List<TimeSpan> Lengths(Buckets buckets) =>
        [.. buckets.Starts.Zip(buckets.Starts.Skip(1).Append(buckets.To), (start, end) => TimeSpan.FromMilliseconds(end - start))];

    private static List<string> Days(Buckets buckets, string zone) =>
        [.. buckets.Starts.Select(s => $"{TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(s), Zone(zone)):yyyy-MM-dd}")];

    private static string Next(string day) => DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture).AddDays(1).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static TimeZoneInfo Zone(string name) => TimeZoneInfo.FindSystemTimeZoneById(name);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static long Instant(string text) => At(text).ToUnixTimeMilliseconds();
}
