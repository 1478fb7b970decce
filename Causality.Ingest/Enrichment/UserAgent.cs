using System.Buffers;
using System.Text;

namespace Causality.Ingest.Enrichment;

/// <summary>What a browser says of itself; empty or null where it does not. All as UTF-8, ready for the row.</summary>
/// <param name="Browser">A name without version: <c>Chrome</c>.</param>
/// <param name="Os"><c>windows</c>, <c>macos</c>, <c>linux</c>, <c>chromeos</c>, <c>ios</c>, <c>android</c>.</param>
/// <param name="DeviceType"><c>desktop</c>, <c>mobile</c>, <c>tablet</c>, <c>tv</c>.</param>
/// <param name="IsBot">Null of a program that is neither a browser nor a known bot, such as an HTTP library.</param>
internal sealed record UserAgent(byte[] Browser, byte[] Os, byte[] OsVersion, byte[] DeviceType, bool? IsBot)
{
    public static UserAgent Unknown { get; } = new([], [], [], [], null);

    // words of programs that fetch pages for machines; each is looked for anywhere, in any case
    private static readonly string[] Bots =
    [
        "bot", "crawl", "spider", "slurp", "headless", "lighthouse", "pagespeed", "facebookexternalhit", "mediapartners", "preview", "pingdom", "uptime", "monitor", "phantomjs", "selenium",
        "puppeteer", "playwright", "chatgpt-user", "oai-search", "google-extended", "google-inspectiontool", "feedfetcher", "ia_archiver", "archive.org", "scrapy", "validator",
    ];

    // words that hold one of the above and are not meant
    private static readonly string[] NoBots = ["cubot"];

    // the first that is there: those built on another browser name that one too
    private static readonly (string Token, string Name)[] Browsers =
    [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("OPiOS/", "Opera"), ("Opera", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("YaBrowser/", "Yandex"), ("Vivaldi/", "Vivaldi"), ("UCBrowser/", "UC Browser"),
        ("MiuiBrowser/", "Miui Browser"), ("HuaweiBrowser/", "Huawei Browser"), ("DuckDuckGo/", "DuckDuckGo"), ("Ddg/", "DuckDuckGo"), ("Silk/", "Silk"), ("FBAN/", "Facebook"), ("FBAV/", "Facebook"), ("Instagram ", "Instagram"),
        ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("; wv)", "Android WebView"), ("Chrome/", "Chrome"), ("Chromium/", "Chrome"), ("GSA/", "Google App"),
        ("MSIE ", "Internet Explorer"), ("Trident/", "Internet Explorer"), ("Android", "Android Browser"), ("Safari/", "Safari"),
    ];

    private static readonly (string Given, string Version)[] WindowsVersions = [("10.0", "10"), ("6.3", "8.1"), ("6.2", "8"), ("6.1", "7"), ("6.0", "Vista"), ("5.1", "XP")];

    private static readonly SearchValues<char> VersionCharacters = SearchValues.Create("0123456789._");

    public static UserAgent Parse(string text)
    {
        var bot = Bots.Any(word => Has(text, word)) && !NoBots.Any(word => Has(text, word));
        // what every browser has begun with since Netscape, or Opera before it gave in
        if (!text.StartsWith("Mozilla/", StringComparison.Ordinal) && !text.StartsWith("Opera/", StringComparison.Ordinal))
            return bot ? Unknown with { IsBot = true } : Unknown;
        var (os, version) = OsOf(text);
        var browser = Browsers.FirstOrDefault(b => text.Contains(b.Token, StringComparison.Ordinal)).Name ?? (os is "ios" or "macos" && text.Contains("AppleWebKit/", StringComparison.Ordinal) ? "Safari" : "");
        return new UserAgent(Encoding.ASCII.GetBytes(browser), Encoding.ASCII.GetBytes(os), Encoding.ASCII.GetBytes(version), Encoding.ASCII.GetBytes(DeviceOf(text, os)), bot);
    }

    private static (string Os, string Version) OsOf(string text)
    {
        if (After(text, "Windows NT ") is { } windows)
            return ("windows", WindowsVersions.FirstOrDefault(v => v.Given == windows).Version ?? windows);
        if (text.Contains("Windows", StringComparison.Ordinal))
            return ("windows", "");
        if (text.Contains("iPhone", StringComparison.Ordinal) || text.Contains("iPad", StringComparison.Ordinal) || text.Contains("iPod", StringComparison.Ordinal))
            return ("ios", After(text, " OS ") ?? "");
        if (text.Contains("Android", StringComparison.Ordinal))
            return ("android", After(text, "Android ") ?? "");
        if (text.Contains("Macintosh", StringComparison.Ordinal))
            return ("macos", After(text, "Mac OS X ") ?? "");
        if (text.Contains("CrOS", StringComparison.Ordinal))
            return ("chromeos", "");
        return text.Contains("Linux", StringComparison.Ordinal) || text.Contains("X11", StringComparison.Ordinal) ? ("linux", "") : ("", "");
    }

    private static string DeviceOf(string text, string os)
    {
        if (Has(text, "TV") && (Has(text, "SmartTV") || Has(text, "Smart-TV") || Has(text, "AppleTV") || Has(text, "GoogleTV") || Has(text, "HbbTV") || Has(text, "Android TV") || Has(text, "BRAVIA")))
            return "tv";
        return os switch
        {
            "ios" => text.Contains("iPad", StringComparison.Ordinal) ? "tablet" : "mobile",
            "android" => text.Contains("Mobile", StringComparison.Ordinal) ? "mobile" : "tablet",
            "windows" when text.Contains("Windows Phone", StringComparison.Ordinal) => "mobile",
            "windows" or "macos" or "chromeos" or "linux" => "desktop",
            _ => "",
        };
    }

    // the version behind a word: 17_1_2 is 17.1.2
    private static string? After(string text, string word)
    {
        var at = text.IndexOf(word, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var rest = text.AsSpan(at + word.Length);
        var end = rest.IndexOfAnyExcept(VersionCharacters);
        return rest[..(end < 0 ? rest.Length : end)] is { IsEmpty: false } version ? new string(version).Replace('_', '.') : null;
    }

    private static bool Has(string text, string word) => text.Contains(word, StringComparison.OrdinalIgnoreCase);
}
