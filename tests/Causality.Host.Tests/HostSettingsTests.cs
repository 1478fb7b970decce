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

    [TestCase("FlushStep.Committed", "FlushStep.Committed:1")]
    [TestCase("OutboxStep.Taken:4", "OutboxStep.Taken:4")]
    [TestCase(null, null)]
    public void A_fail_point_is_a_step_of_a_module_and_a_passage(string? text, string? expected) => Assert.That(Read(null, text).Death?.ToString(), Is.EqualTo(expected));

    [TestCase("Committed")]
    [TestCase("FlushStep.Nowhere")]
    [TestCase("FlushStep.Committed:0")]
    [TestCase("FlushStep.Committed:often")]
    [TestCase("FlushStep.Committed:1:2")]
    public void A_fail_point_that_no_module_passes_is_refused_by_name(string text) =>
        Assert.That(() => Read(null, text), Throws.TypeOf<SettingsException>().With.Message.StartsWith("CAUSALITY_FAILPOINT").And.Message.Contains("causality failpoints"));

    [Test]
    public void A_form_of_the_log_that_is_none_is_refused_by_name() =>
        Assert.That(() => Read(null, logs: "xml"), Throws.TypeOf<SettingsException>().With.Message.StartsWith("CAUSALITY_LOGS is 'xml'"));

    private static HostSettings Read(string? url, string? failPoint = null, string? logs = null) => HostSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["POSTGRES"] = "postgres://localhost/causality",
        ["RABBITMQ"] = "amqp://localhost",
        ["URL"] = url,
        ["FAILPOINT"] = failPoint,
        ["LOGS"] = logs,
    }).Build());
}
