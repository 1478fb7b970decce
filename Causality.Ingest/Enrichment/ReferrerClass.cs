using System.Collections.Frozen;

namespace Causality.Ingest.Enrichment;

/// <summary>
/// The column <c>referrer_class</c>, by the referrer's host alone: <c>direct</c>, <c>internal</c>, <c>search</c>, <c>social</c>, <c>email</c>, <c>ai</c>, <c>referral</c>.
/// </summary>
internal static class ReferrerClass
{
    private const int LongestHost = 253;

    // a domain stands for its subdomains; the longest that fits counts
    private static readonly FrozenDictionary<string, byte[]> Domains = Table(
        ("search", "bing.com duckduckgo.com search.yahoo.com yahoo.co.jp baidu.com yandex.com yandex.ru ya.ru ecosia.org qwant.com startpage.com search.brave.com kagi.com naver.com seznam.cz sogou.com so.com ask.com search.aol.com swisscows.com mojeek.com"),
        ("social", "facebook.com fb.com instagram.com threads.net threads.com t.co twitter.com x.com linkedin.com lnkd.in reddit.com redd.it pinterest.com youtube.com youtu.be tiktok.com snapchat.com bsky.app mastodon.social news.ycombinator.com vk.com weibo.com whatsapp.com wa.me t.me telegram.org discord.com quora.com tumblr.com xing.com medium.com"),
        ("email", "mail.google.com mail.yahoo.com outlook.live.com outlook.office.com outlook.office365.com mail.aol.com mail.proton.me mail.zoho.com app.fastmail.com mail.ru mail.yandex.ru gmx.net web.de com.google.android.gm com.microsoft.office.outlook"),
        ("ai", "chatgpt.com chat.openai.com openai.com claude.ai perplexity.ai gemini.google.com copilot.microsoft.com chat.deepseek.com chat.mistral.ai poe.com phind.com you.com meta.ai grok.com duck.ai"));

    /// <summary>Of a page view's referrer and its own URL; <c>direct</c> without a referrer, empty where the referrer is no address.</summary>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> referrer, ReadOnlySpan<byte> url)
    {
        if (referrer.IsEmpty)
            return "direct"u8;
        var host = Host(referrer);
        if (host.IsEmpty || host.Length > LongestHost || System.Text.Ascii.IsValid(host) is false)
            return [];
        if (System.Text.Ascii.EqualsIgnoreCase(WithoutWww(host), WithoutWww(Host(url))))
            return "internal"u8;
        Span<char> text = stackalloc char[LongestHost];
        System.Text.Ascii.ToLower(host, text, out var length);
        var known = Domains.GetAlternateLookup<ReadOnlySpan<char>>();
        for (ReadOnlySpan<char> domain = text[..length]; !domain.IsEmpty; domain = Parent(domain))
        {
            if (known.TryGetValue(domain, out var found))
                return found;
            // it has a domain in every country
            if (domain.StartsWith("google.") && domain.Length <= "google.com.xx".Length)
                return "search"u8;
        }
        return "referral"u8;
    }

    private static ReadOnlySpan<char> Parent(ReadOnlySpan<char> domain) => domain.IndexOf('.') is >= 0 and var dot ? domain[(dot + 1)..] : [];

    private static ReadOnlySpan<byte> WithoutWww(ReadOnlySpan<byte> host) => host.StartsWith("www."u8) ? host[4..] : host;

    private static ReadOnlySpan<byte> Host(ReadOnlySpan<byte> address)
    {
        var start = address.IndexOf("://"u8);
        if (start < 0)
            return [];
        address = address[(start + 3)..];
        var end = address.IndexOfAny((byte)'/', (byte)'?', (byte)'#');
        if (end >= 0)
            address = address[..end];
        address = address[(address.LastIndexOf((byte)'@') + 1)..];
        return address is [(byte)'[', ..] ? address : address.IndexOf((byte)':') is >= 0 and var port ? address[..port] : address;
    }

    private static FrozenDictionary<string, byte[]> Table(params (string Class, string Domains)[] rows) =>
        rows.SelectMany(row => row.Domains.Split(' ').Select(domain => (domain, Class: System.Text.Encoding.ASCII.GetBytes(row.Class)))).ToFrozenDictionary(r => r.domain, r => r.Class, StringComparer.Ordinal);
}
