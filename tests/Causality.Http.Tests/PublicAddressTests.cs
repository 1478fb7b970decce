using Causality.Contracts;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;

namespace Causality.Http.Tests;

[TestFixture]
internal sealed class PublicAddressTests
{
    private static readonly DefaultHttpContext Asked = new() { Request = { Scheme = "http", Host = new HostString("10.0.0.7", 8080) } };

    [Test]
    public void A_link_begins_with_the_setting_whatever_address_was_asked()
    {
        var address = new PublicAddress(new Uri("https://causality.example.com"));
        Assert.That((address.Of(Asked, "/app/invitation#a").AbsoluteUri, address.Known("/app")?.AbsoluteUri), Is.EqualTo(("https://causality.example.com/app/invitation#a", "https://causality.example.com/app")));
    }

    [Test]
    public void A_link_begins_with_the_address_that_was_asked_when_nothing_is_set() =>
        Assert.That((new PublicAddress(null).Of(Asked, "/").AbsoluteUri, new PublicAddress(null).Known("/")), Is.EqualTo(("http://10.0.0.7:8080/", (Uri?)null)));

    [TestCase("a:99999")]
    [TestCase("..")]
    [TestCase("")]
    public void A_host_that_is_none_is_refused(string host) =>
        Assert.That(() => new PublicAddress(null).Of(new DefaultHttpContext { Request = { Scheme = "http", Host = new HostString(host) } }, "/"), Throws.InstanceOf<RefusedException>().With.Property("Code").EqualTo("host-invalid"));

    [TestCase("http", "localhost", null, true)]
    [TestCase("http", "127.0.0.1", null, true)]
    [TestCase("http", "[::1]", null, true)]
    [TestCase("http", "10.0.0.7", null, false)]
    [TestCase("http", "localhost.example.com", null, false)]
    [TestCase("https", "localhost", null, false)]
    [TestCase("http", "localhost", "https://causality.example.com", false)]
    public void Only_this_machine_itself_is_spoken_to_without_TLS(string scheme, string host, string? setting, bool plain)
    {
        var request = new DefaultHttpContext { Request = { Scheme = scheme, Host = new HostString(host) } }.Request;
        Assert.That(new PublicAddress(setting is null ? null : new Uri(setting)).IsPlainLoopback(request), Is.EqualTo(plain));
    }
}
