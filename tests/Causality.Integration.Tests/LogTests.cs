using System.Text.Json;
using NUnit.Framework;

namespace Causality.Integration.Tests;

[TestFixture]
internal sealed class LogTests : OnRealServers
{
    [Test]
    public async Task Each_line_of_a_json_log_is_an_object()
    {
        await using var host = await World.Launch("all", ("LOGS", "json"));
        await host.Terminate();
        var lines = host.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var read = lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.That(read, Is.Not.Empty);
        Assert.That(read.Select(line => (line.TryGetProperty("Timestamp", out _), line.TryGetProperty("Message", out _))), Has.All.EqualTo((true, true)));
    }
}
