namespace Causality.Query.Trends;

/// <summary>Width of a bucket of time.</summary>
public enum Interval
{
    Hour,
    Day,
    Week,
    Month,
}

/// <summary>
/// The buckets of a range, in a time zone, computed here and never by an engine: a local day may have 23 or 25 hours, an hour that
/// occurs twice is two buckets. Weeks begin on Monday. The first and last bucket are cut to the range.
/// </summary>
internal sealed class Buckets
{
    private readonly long[] _starts;
    private readonly long _end;

    private Buckets(long[] starts, long end)
    {
        (_starts, _end) = (starts, end);
        // the first and last bucket may be cut anywhere; the boundaries between are what a step has to hit
        var inner = starts.AsSpan(1);
        if (inner.IsEmpty)
            (Origin, Step) = (starts[0], end - starts[0]);
        else
        {
            foreach (var start in inner)
                Step = GreatestCommonDivisor(start - inner[0], Step);
            Step = Step == 0 ? end - starts[0] : Step;
            Origin = inner[0] - (inner[0] - starts[0] + Step - 1) / Step * Step;
        }
    }

    /// <summary>Where each bucket begins, in milliseconds since 1970.</summary>
    public IReadOnlyList<long> Starts => _starts;

    public long From => _starts[0];

    public long To => _end;

    /// <summary>
    /// A width in milliseconds such that every boundary between buckets lies a whole number of steps from <see cref="Origin"/>: an
    /// engine counts by step, and the steps add up to buckets exactly, whatever the zone does.
    /// </summary>
    public long Step { get; }

    /// <summary>Where step 0 begins; not after the range's beginning.</summary>
    public long Origin { get; }

    /// <summary>The bucket that a step adds to.</summary>
    public int BucketOf(long step) => Array.BinarySearch(_starts, Math.Max(Origin + step * Step, From)) is var i && i >= 0 ? i : ~i - 1;

    public bool Holds(int bucket, long milliseconds) => milliseconds >= _starts[bucket] && milliseconds < (bucket + 1 < _starts.Length ? _starts[bucket + 1] : _end);

    /// <summary>Null when there would be more than <paramref name="most"/>.</summary>
    public static Buckets? Of(DateTimeOffset from, DateTimeOffset to, Interval interval, TimeZoneInfo zone, int most)
    {
        var starts = new List<long> { from.ToUnixTimeMilliseconds() };
        for (var next = Next(from, interval, zone); next < to; next = Next(next, interval, zone))
        {
            if (starts.Count == most)
                return null;
            starts.Add(next.ToUnixTimeMilliseconds());
        }
        return new Buckets([.. starts], to.ToUnixTimeMilliseconds());
    }

    /// <summary>The instant of a local midnight; where the clock jumps over it, the first instant of that day.</summary>
    public static DateTimeOffset StartOf(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(local))
            local = local.AddMinutes(15);
        // where midnight occurs twice, the day begins with the first, which has the larger offset
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset);
    }

    private static DateTimeOffset Next(DateTimeOffset at, Interval interval, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        var day = DateOnly.FromDateTime(local.DateTime);
        return interval switch
        {
            // a clock is moved on the full hour it shows before, so this holds across every change; Lord Howe's half hours are buckets of their own
            Interval.Hour => at + (TimeSpan.FromHours(1) - TimeSpan.FromTicks(local.TimeOfDay.Ticks % TimeSpan.TicksPerHour)),
            Interval.Day => After(at, day.AddDays(1), zone),
            Interval.Week => After(at, day.AddDays(7 - ((int)day.DayOfWeek + 6) % 7), zone),
            _ => After(at, new DateOnly(day.Year, day.Month, 1).AddMonths(1), zone),
        };
    }

    // a zone that moved across the date line left a whole day out (Apia, 2011-12-30): the day after it is next
    private static DateTimeOffset After(DateTimeOffset at, DateOnly day, TimeZoneInfo zone)
    {
        var start = StartOf(day, zone);
        while (start <= at || DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(start, zone).DateTime) < day)
            start = StartOf(day = day.AddDays(1), zone);
        return start;
    }

    private static long GreatestCommonDivisor(long a, long b)
    {
        while (b != 0)
            (a, b) = (b, a % b);
        return a;
    }
}
