namespace Causality.Host.Demo;

/// <summary>One event of the history: when it happened, and its JSON as the batch route takes it.</summary>
internal readonly record struct DemoEvent(long TimestampMs, byte[] Json);

/// <summary>
/// The shop's past, in order of time: exactly <c>events</c> events in the <c>days</c> before <c>until</c>, none at or after it. The same
/// numbers give the same bytes. Memory holds the visits of about an hour and the shoppers who will return, never the whole.
/// </summary>
internal sealed class History(HistoryOptions options)
{
    private const double Newcomers = 0.35;
    private const double Growth = 0.7;
    private const long PatienceMs = 4 * 86_400_000L;
    private const int EventsPerSlot = 4000;

    private readonly ulong _name = SplitMix.Seed((ulong)options.Seed, (ulong)options.Events, (ulong)options.Days, (ulong)options.Until.ToUnixTimeMilliseconds());
    private readonly PriorityQueue<DemoEvent, (long At, long Number)> _open = new();
    private readonly PriorityQueue<Shopper, (long At, long Number)>[] _returning = [.. Market.All.Select(_ => new PriorityQueue<Shopper, (long, long)>())];
    private long _made;
    private long _shoppers;

    public Releases Releases { get; } = new(options.From, options.Days);

    /// <summary>The events; to be walked once.</summary>
    public IEnumerable<DemoEvent> Events()
    {
        var chance = new SplitMix(_name);
        var shop = new Shop(new Catalog(chance), Releases, _name, options.AppId);
        var perHour = Math.Max(1, options.Events / (options.Days * 24L) / EventsPerSlot);
        var slots = options.Days * 24L * perHour;
        var demand = new double[slots];
        for (var i = 0L; i < slots; i++)
            demand[i] = Busy(Slot(i, perHour));
        var (total, soFar) = (demand.Sum(), 0.0);
        for (var i = 0L; i < slots; i++)
        {
            var (from, to) = (Slot(i, perHour), Slot(i + 1, perHour));
            soFar += demand[i];
            var due = i == slots - 1 ? options.Events : (long)(options.Events * (soFar / total));
            var markets = new Weighted<int>([.. Market.All.Select((m, n) => (n, m.Demand(from)))]);
            while (_made < due)
            {
                var start = from + (long)(chance.Unit() * (to - from));
                Visit(shop, WhoComes(markets.Pick(chance), start, chance), start);
            }
            // every later visit starts after this slot, so what lies before its end is in its final order
            while (_open.TryPeek(out _, out var next) && next.At < to)
                yield return _open.Dequeue();
        }
    }

    private void Visit(Shop shop, (int Market, Shopper Shopper) who, long start)
    {
        var visit = new Visit(shop, who.Shopper, start);
        foreach (var made in visit.Events())
        {
            if (_made == options.Events || made.TimestampMs >= options.Until.ToUnixTimeMilliseconds())
                break;                                                  // still going on when the history ends
            _open.Enqueue(made, (made.TimestampMs, _made++));
        }
        if (who.Shopper.ComesBackAfter() is { } gap)
            _returning[who.Market].Enqueue(who.Shopper, (visit.EndMs + gap, _shoppers++));
    }

    // Demand decides how many come and when; this decides who: a newcomer, one who wanted to return about now, or, mostly in the
    // first weeks, a customer from before the history.
    private (int, Shopper) WhoComes(int market, long start, SplitMix chance)
    {
        if (chance.Chance(Newcomers))
            return (market, new Shopper(chance.Next(), Market.All[market], customer: false));
        while (_returning[market].TryPeek(out var shopper, out var due) && due.At <= start)
        {
            _returning[market].Dequeue();
            if (start - due.At < PatienceMs)
                return (market, shopper);
        }
        return (market, new Shopper(chance.Next(), Market.All[market], customer: true));
    }

    private long Slot(long number, long perHour) => options.From.ToUnixTimeMilliseconds() + number * 3_600_000 / perHour;

    private double Busy(long at)
    {
        var progress = (at - options.From.ToUnixTimeMilliseconds()) / (options.Days * 86_400_000.0);
        var weather = new SplitMix(SplitMix.Seed(_name, (ulong)(at / 86_400_000))).Unit();
        return (1 + Growth * progress) * (0.95 + 0.1 * weather) * Market.All.Sum(m => m.Demand(at));
    }
}

/// <summary>What names a history. <paramref name="Until"/> is its end, whole hours; <paramref name="AppId"/> empty lets the API key say it.</summary>
internal sealed record HistoryOptions(long Events, int Days, long Seed, DateTimeOffset Until, string AppId)
{
    public DateTimeOffset From => Until.AddDays(-Days);
}

/// <summary>What all visits share: the catalog, the versions of the app, and the numbers that names are made of.</summary>
internal sealed class Shop(Catalog catalog, Releases releases, ulong history, string appId)
{
    private long _events;
    private long _sessions;

    public Catalog Catalog => catalog;
    public Releases Releases => releases;
    public string AppId => appId;

    public string NextKey() => $"{history:x16}-{_events++}";

    public string NextSession() => $"{history:x16}-s{_sessions++}";
}
