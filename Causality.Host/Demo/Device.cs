namespace Causality.Host.Demo;

/// <summary>What a shopper holds in the hand. Web ones have a browser instead of a model.</summary>
internal sealed record Device(Platform Platform, string Manufacturer, string Model, string OsVersion, int Width, int Height, string UserAgent)
{
    private const string Chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0";

    private static readonly Weighted<Device> Phones = new(
        (Ios("iPhone 15", "17.6", 393, 852), 24), (Ios("iPhone 15 Pro", "18.0", 393, 852), 22), (Ios("iPhone 14", "17.5", 390, 844), 20),
        (Ios("iPhone 13", "17.6", 390, 844), 17), (Ios("iPhone SE", "16.7", 375, 667), 9), (Ios("iPad Air", "17.6", 820, 1180), 8));

    private static readonly Weighted<Device> Androids = new(
        (Droid("Samsung", "Galaxy S24", "14", 384, 832), 20), (Droid("Samsung", "Galaxy A54", "14", 384, 854), 24), (Droid("Xiaomi", "Redmi Note 13", "13", 393, 873), 20),
        (Droid("Google", "Pixel 8", "15", 412, 915), 14), (Droid("motorola", "moto g84", "13", 412, 919), 12), (Droid("OnePlus", "Nord 3", "14", 412, 919), 10));

    private static readonly Weighted<Device> Browsers = new(
        (Web(1536, 730, $"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {Chrome} Safari/537.36"), 34),
        (Web(1920, 945, $"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {Chrome} Safari/537.36 Edg/128.0.0.0"), 11),
        (Web(1440, 790, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15"), 12),
        (Web(1512, 860, $"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {Chrome} Safari/537.36"), 8),
        (Web(1536, 760, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:129.0) Gecko/20100101 Firefox/129.0"), 7),
        (Web(390, 664, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1"), 16),
        (Web(412, 786, $"Mozilla/5.0 (Linux; Android 10; K) {Chrome} Mobile Safari/537.36"), 12));

    public static Device Pick(Market market, SplitMix chance)
    {
        var at = chance.Unit() * (market.Web + market.Ios + market.Android);
        return (at < market.Web ? Browsers : at < market.Web + market.Ios ? Phones : Androids).Pick(chance);
    }

    private static Device Ios(string model, string os, int width, int height) => new(Platform.Ios, "Apple", model, os, width, height, "");
    private static Device Droid(string maker, string model, string os, int width, int height) => new(Platform.Android, maker, model, os, width, height, "");
    private static Device Web(int width, int height, string agent) => new(Platform.Web, "", "", "", width, height, agent);
}

internal enum Platform
{
    Web,
    Ios,
    Android,
}
