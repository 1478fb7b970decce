using System.Text;
using Causality.Ingest.Apps;
using Causality.Ingest.Capture;
using Causality.Ingest.Enrichment;
using Causality.Ingest.Tests.Capture;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Enrichment;

/// <summary>What is found out where the client does not say it, and what is taken away.</summary>
[TestFixture]
internal sealed class EnricherTests
{
    private const string Chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";

    private static readonly AppRules Rules = new(new byte[32], IpPolicy.Hash);

    [TestCase(Chrome, "Chrome windows 10 desktop False")]
    [TestCase("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0", "Edge windows 10 desktop False")]
    [TestCase("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15", "Safari macos 10.15.7 desktop False")]
    [TestCase("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1", "Safari ios 18.1.1 mobile False")]
    [TestCase("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0 Mobile/15E148 Safari/604.1", "Chrome ios 18.1 mobile False")]
    [TestCase("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/604.1", "Safari ios 17.5 tablet False")]
    [TestCase("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36", "Chrome android 15 mobile False")]
    [TestCase("Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Safari/537.36", "Samsung Internet android 14 tablet False")]
    [TestCase("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox linux  desktop False")]
    [TestCase("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36", "Chrome chromeos  desktop False")]
    [TestCase("Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer windows 7 desktop False")]
    [TestCase("Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/5.0 TV Safari/537.36 SmartTV", "Samsung Internet linux  tv False")]
    [TestCase("Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36", "Chrome android 10 mobile False")]
    [TestCase("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "    True")]
    [TestCase("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0.0.0 Safari/537.36", "Chrome linux  desktop True")]
    [TestCase("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)", "    True")]
    [TestCase("facebookexternalhit/1.1", "    True")]
    [TestCase("curl/8.5.0", "    ")]
    [TestCase("Go-http-client/2.0", "    ")]
    public void A_user_agent_tells_browser_system_device_and_bots(string text, string found)
    {
        var agent = new UserAgents().Of(text);
        Assert.That($"{Text(agent.Browser)} {Text(agent.Os)} {Text(agent.OsVersion)} {Text(agent.DeviceType)} {agent.IsBot}", Is.EqualTo(found));
    }

    [Test]
    public void However_many_user_agents_come_few_are_remembered_and_long_ones_are_cut()
    {
        var agents = new UserAgents();
        for (var i = 0; i < UserAgents.Most + 10; i++)
            agents.Of($"{Chrome} {i}");
        Assert.That(agents.Count, Is.LessThanOrEqualTo(UserAgents.Most));
        Assert.That(agents.Of(new string('x', 100_000)), Is.SameAs(agents.Of(Encoding.UTF8.GetBytes(new string('x', 90_000)))));
    }

    [TestCase("", "direct")]
    [TestCase("https://shop.example/cart", "internal")]
    [TestCase("https://www.shop.example", "internal")]
    [TestCase("https://SHOP.example:443/x", "internal")]
    [TestCase("https://www.google.com/", "search")]
    [TestCase("https://www.google.co.uk/search?q=x", "search")]
    [TestCase("https://google.evil-site.example/", "referral")]
    [TestCase("https://duckduckgo.com", "search")]
    [TestCase("https://l.facebook.com/l.php?u=x", "social")]
    [TestCase("https://t.co/abc", "social")]
    [TestCase("android-app://com.google.android.gm/", "email")]
    [TestCase("https://mail.google.com/mail/u/0", "email")]
    [TestCase("https://chatgpt.com/", "ai")]
    [TestCase("https://gemini.google.com/app", "ai")]
    [TestCase("https://user@blog.example.org:8080/x", "referral")]
    [TestCase("https://notfacebook.com/", "referral")]
    [TestCase("nonsense", null)]
    [TestCase("https://", null)]
    public void A_referrer_has_a_class_by_its_host(string referrer, string? expected) =>
        Assert.That(Flat($$"""{"event_type":"e","anonymous_id":"a","url":"https://shop.example/","referrer":"{{referrer}}"}""").GetValueOrDefault("referrer_class"), Is.EqualTo(expected));

    [Test]
    public void Of_a_web_event_the_requests_user_agent_and_the_campaign_of_the_url_fill_what_was_not_sent()
    {
        var row = Flat("""{"event_type":"e","anonymous_id":"a","url":"https://shop.example/?utm_source=news%20letter&a=b&utm_medium=e%2Bmail&utm_term=%ff&utm_campaign=a+b#utm_content=no"}""");
        Assert.That((row["browser"], row["os"], row["os_version"], row["device_type"], row["is_bot"]), Is.EqualTo(("Chrome", "windows", "10", "desktop", "0")));
        Assert.That((row["utm_source"], row["utm_medium"], row["utm_campaign"]), Is.EqualTo(("news letter", "e+mail", "a b")));
        Assert.That(row.Keys, Has.None.EqualTo("utm_term").And.None.EqualTo("utm_content"), "which is no text, and behind the query");
    }

    [Test]
    public void What_the_client_said_stays()
    {
        var row = Send("""
            {"deviceId":"d","timestampMs":1,"appStart":{},"deviceContext":{"platform":"PLATFORM_WEB","osVersion":"11"},
             "webContext":{"url":"https://a.example/?utm_source=url&utm_medium=url","utmSource":"sent","userAgent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Firefox/133.0"}}
            """, RequestShape.Batch);
        Assert.That((row["utm_source"], row["utm_medium"], row["os"], row["os_version"], row["browser"]), Is.EqualTo(("sent", "url", "macos", "11", "Firefox")));
    }

    [Test]
    public void A_phone_or_a_server_is_not_taken_for_the_library_that_it_sends_with()
    {
        foreach (var platform in new[] { "PLATFORM_IOS", "PLATFORM_SERVER", "PLATFORM_UNSPECIFIED" })
        {
            var row = Send($$"""{"deviceId":"d","timestampMs":1,"appStart":{},"deviceContext":{"platform":"{{platform}}"} }""", RequestShape.Batch);
            Assert.That(row.Keys, Has.None.EqualTo("browser").And.None.EqualTo("is_bot").And.None.EqualTo("device_type").And.None.EqualTo("referrer_class"), platform);
        }
    }

    [Test]
    public void An_app_may_go_without()
    {
        var row = Flat("""{"event_type":"e","anonymous_id":"a","url":"https://shop.example/?utm_source=x"}""", Rules with { Enrichment = false });
        Assert.That(row.Keys, Has.None.EqualTo("browser").And.None.EqualTo("utm_source").And.None.EqualTo("referrer_class"));
    }

    [TestCase("""{"password":"p","plan":"pro"}""", """{"plan":"pro"}""")]
    [TestCase("""{"plan":"pro","password":"p"}""", """{"plan":"pro"}""")]
    [TestCase("""{"plan":"pro","PassWord":{"deep":[1,2]},"n":1}""", """{"plan":"pro","n":1}""")]
    [TestCase("""{"card":1,"card_number":2,"Cardholder":3,"discard":4}""", """{"discard":4}""")]
    [TestCase("""{"card":1,"password":2}""", "{}")]
    [TestCase("""{"user":{"password":"p"},"list":[{"card":1,"x":2},{"card":3}],"password":null}""", """{"user":{},"list":[{"x":2},{}]}""")]
    [TestCase("""{"a":{"card":1},"password":2,"b":{"x":1,"card":2},"card":3,"c":4}""", """{"a":{},"b":{"x":1},"c":4}""")]
    [TestCase("""{"pass\u0077ord":"p","x":"\"password\":1,"}""", """{"x":"\"password\":1,"}""")]
    public void Denied_properties_are_removed_at_any_depth(string properties, string stored) =>
        Assert.That(Flat($$"""{"event_type":"e","anonymous_id":"a","properties":{{properties}}}""", Rules with { DeniedProperties = ["password", "card*"] })["payload_json"], Is.EqualTo(stored));

    [Test]
    public void Denied_properties_are_removed_from_typed_payloads_too()
    {
        var row = Send("""{"deviceId":"d","timestampMs":1,"screenView":{"screenName":"s","params":{"token":"t","a":"b"}}}""", RequestShape.Batch, Rules with { DeniedProperties = ["token", "*_screen"] });
        Assert.That(row["payload_json"], Is.EqualTo("""{"screen_name":"s","screen_class":"","params":{"a":"b"}}"""));
    }

    private static IReadOnlyDictionary<string, string> Flat(string eventJson, AppRules? rules = null) => Send(eventJson, RequestShape.FlatSingle, rules);

    private static IReadOnlyDictionary<string, string> Send(string json, RequestShape shape, AppRules? rules = null) =>
        Desk.Send(Encoding.UTF8.GetBytes(shape == RequestShape.Batch ? $$"""{"events":[{{json}}]}""" : json), BodyFormat.Json, shape, rules: rules ?? Rules, userAgent: Chrome).Row;

    private static string Text(byte[] utf8) => Encoding.UTF8.GetString(utf8);
}
