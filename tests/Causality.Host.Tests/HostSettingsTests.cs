using Microsoft.Extensions.Configuration;
using NUnit.Framework;

namespace Causality.Host.Tests;

[TestFixture]
internal sealed class HostSettingsTests
{
    [TestCase(null, null)]
    [TestCase("https://causality.example.com", "https://causality.example.com/")]
    public void The_public_address_is_what_is_set(string? url, string? expected) => Assert.That(Read(url).Url?.ToString(), Is.EqualTo(expected));

    [TestCase("causality.example.com", "http:// or https://")]
    [TestCase("https://example.com/causality", "no path")]
    [TestCase("https://example.com/?a=b", "no path")]
    public void A_public_address_that_links_cannot_begin_with_is_refused_by_name(string url, string because) =>
        Assert.That(() => Read(url), Throws.TypeOf<SettingsException>().With.Message.StartsWith("CAUSALITY_URL").And.Message.Contains(because));

    private static HostSettings Read(string? url) => HostSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["POSTGRES"] = "postgres://localhost/causality",
        ["RABBITMQ"] = "amqp://localhost",
        ["URL"] = url,
    }).Build());
}
