using System.Globalization;

namespace Causality.Host.Demo;

/// <summary>One person with one device. Some never return, some are there every few days.</summary>
internal sealed class Shopper
{
    private static readonly Weighted<Source> Sources = new(
        (new("https://www.google.com/", "", "", ""), 34), (new("", "", "", ""), 26),
        (new("https://www.google.com/", "google", "cpc", "brand"), 14), (new("https://l.instagram.com/", "instagram", "social", "spring_looks"), 12),
        (new("https://www.bing.com/", "", "", ""), 5), (new("https://www.reddit.com/", "", "", ""), 4), (new("https://www.tiktok.com/", "tiktok", "social", "creators"), 5));

    private readonly double _returns;

    public Shopper(ulong seed, Market market, bool customer)
    {
        Chance = new SplitMix(seed);
        Market = market;
        Device = Device.Pick(market, Chance);
        Number = Chance.Next().ToString("x16", CultureInfo.InvariantCulture);
        Source = Sources.Pick(Chance);
        Carrier = Chance.Pick(market.Carriers);
        UpdateAfterDays = Math.Min(12, Chance.Exponential(3));
        Eagerness = 0.6 + 0.8 * Chance.Unit();
        Registered = customer;
        Visits = customer ? 1 : 0;
        var kind = Chance.Unit() + (customer ? 0.3 : 0);
        _returns = kind < 0.55 ? 0.15 : kind < 0.85 ? 0.6 : 0.88;
    }

    /// <summary>This shopper's own luck, so that no one's history depends on what others do.</summary>
    public SplitMix Chance { get; }
    public Market Market { get; }
    public Device Device { get; }
    public Source Source { get; }
    public string Number { get; }
    public string Carrier { get; }
    public double UpdateAfterDays { get; }

    /// <summary>Around 1: more buys more.</summary>
    public double Eagerness { get; }
    public bool Registered { get; set; }
    public int Visits { get; set; }

    /// <summary>When this shopper wants to come back after a visit, in milliseconds; null for never.</summary>
    public long? ComesBackAfter()
    {
        if (!Chance.Chance(_returns))
            return null;
        var mood = Chance.Unit();
        var hours = mood < 0.25 ? Chance.Exponential(6) : mood < 0.7 ? Chance.Exponential(60) : Chance.Exponential(220);
        return (long)((0.5 + hours) * 3_600_000);
    }
}

/// <summary>Where a shopper first came from; empty for typed in.</summary>
internal sealed record Source(string Referrer, string UtmSource, string UtmMedium, string UtmCampaign);
