using Causality.Ingest.Apps;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Apps;

[TestFixture]
internal sealed class AllowedOriginTests
{
    [TestCase("https://shop.example.com", "https://shop.example.com")]
    [TestCase("HTTPS://Shop.Example.COM", "https://shop.example.com")]
    [TestCase("https://*.Example.com", "https://*.example.com")]
    [TestCase("http://localhost:3000", "http://localhost:3000")]
    [TestCase("http://127.0.0.1:8080", "http://127.0.0.1:8080")]
    [TestCase("http://[::1]:8080", "http://[::1]:8080")]
    [TestCase("https://example.com:443", "https://example.com")]
    [TestCase("http://example.com:443", "http://example.com:443")]
    [TestCase("https://*.münchen.de", "https://*.xn--mnchen-3ya.de")]
    [TestCase("https://MÜNCHEN.de:8443", "https://xn--mnchen-3ya.de:8443")]
    public void An_origin_is_written_as_browsers_write_it(string text, string origin) => Assert.That(AllowedOrigin.Read(text), Is.EqualTo((origin, (string?)null)));

    [TestCase("", "1 to 300 characters")]
    [TestCase("*", "http://")]
    [TestCase("example.com", "http://")]
    [TestCase("ftp://example.com", "http://")]
    [TestCase("javascript://example.com", "http://")]
    [TestCase("https://*", "* only as the first part")]
    [TestCase("https://*.*.example.com", "* only as the first part")]
    [TestCase("https://shop.*.com", "* only as the first part")]
    [TestCase("https://*shop.example.com", "* only as the first part")]
    [TestCase("https://example.com/", "without a path")]
    [TestCase("https://example.com/shop", "without a path")]
    [TestCase("https://example.com?x", "without a path")]
    [TestCase("https://example.com\\x", "without a path")]
    [TestCase("https://me@example.com", "no valid host")]
    [TestCase("https://exa mple.com", "no valid host")]
    [TestCase("https://example.com:0", "no valid host or port")]
    [TestCase("https://example.com:99999", "no valid host or port")]
    [TestCase("https://xn--\u80f6", "no valid host")]
    [TestCase("https://", "no valid host")]
    [TestCase("https://*.", "no valid host")]
    [TestCase("https://*.[::1]", "not before an address")]
    [TestCase("https://*.127.0.0.1", "not before an address")]
    public void What_is_no_origin_is_told_why(string text, string why) => Assert.That(AllowedOrigin.Read(text).Problem, Does.Contain(why));

    [Test]
    public void An_origin_read_again_is_the_same()
    {
        foreach (var text in new[] { "https://*.münchen.de:444", "http://[2001:DB8::1]", "HTTP://a_b.example.com:80" })
            Assert.That(AllowedOrigin.Read(AllowedOrigin.Read(text).Origin).Origin, Is.EqualTo(AllowedOrigin.Read(text).Origin).And.Not.Null, text);
    }

    [TestCase("https://shop.example.com", "https://shop.example.com", true)]
    [TestCase("https://shop.example.com", "https://SHOP.example.com", true)]
    [TestCase("https://shop.example.com", "http://shop.example.com", false)]
    [TestCase("https://shop.example.com", "https://shop.example.com:8443", false)]
    [TestCase("https://shop.example.com", "https://shop.example.com.evil.test", false)]
    [TestCase("https://shop.example.com", "null", false)]
    [TestCase("https://*.example.com", "https://a.example.com", true)]
    [TestCase("https://*.example.com", "https://a.b.example.com", true)]
    [TestCase("https://*.example.com", "https://example.com", false)]
    [TestCase("https://*.example.com", "https://.example.com", false)]
    [TestCase("https://*.example.com", "https://badexample.com", false)]
    [TestCase("https://*.example.com", "https://evil.test/.example.com", false)]
    [TestCase("https://*.example.com", "https://evil.test@x.example.com", false)]
    [TestCase("https://*.example.com", "http://a.example.com", false)]
    [TestCase("https://*.example.com", "https://a.example.com:8443", false)]
    [TestCase("http://*.localhost:3000", "http://a.localhost:3000", true)]
    [TestCase("http://[::1]:8080", "http://[::1]:8080", true)]
    public void A_page_may_send_when_its_origin_is_in_the_list(string pattern, string origin, bool allowed) =>
        Assert.That(AllowedOrigin.Allows(["https://other.example.net", pattern], origin), Is.EqualTo(allowed));

    [Test]
    public void Without_a_list_every_page_may_send() => Assert.That(AllowedOrigin.Allows([], "null"), Is.True);
}
