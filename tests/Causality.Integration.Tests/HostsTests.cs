using System.Text.Json;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests;

/// <summary>Which processes there are, what they do and how they are.</summary>
[TestFixture]
internal sealed class HostsTests : OnRealServers
{
    [Test]
    public async Task Every_host_is_in_the_list_with_its_roles_and_figures_and_leaves_it_when_it_stops()
    {
        var first = await World.Start("gateway,scheduler");
        var second = await World.Start("sink,query");
        await first.Client.SignIn();
        var hosts = await Eventually(() => Hosts(first), Has.Count.EqualTo(2));

        Assert.That(hosts.Select(Roles), Is.EquivalentTo(new[] { "gateway scheduler", "sink query" }));
        Assert.That(hosts.Select(host => host.GetProperty("alive").GetBoolean()), Has.All.True);
        Assert.That(hosts.Select(host => host.GetProperty("name").GetString()), Is.EquivalentTo(new[] { first, second }.Select(host => $"{Environment.MachineName}:{host.Client.Http.BaseAddress!.Port}")));
        Assert.That(hosts.Select(host => Figure(host, "process", "working_set_bytes")), Has.All.GreaterThan(10_000_000));
        Assert.That(hosts.Count(host => host.GetProperty("status").TryGetProperty("sink", out _)), Is.EqualTo(1), "only the sink tells of a sink");

        // what waits at the broker, and that the last flush was a moment ago
        await first.Client.Accept([.. Sent.Some(3, DateTimeOffset.UtcNow)]);
        await Eventually(async () => await Sink(first) is var host && Figure(host, "sink", "last_flush_age_seconds") is < 20 && Figure(host, "queue", "messages_ready") is 0, Is.True);
        var sink = await Sink(first);
        Assert.That((Figure(sink, "sink", "messages_held"), Figure(sink, "sink", "flush_failing"), Figure(sink, "queue", "dead_messages_ready")), Is.EqualTo((0d, 0d, 0d)));

        // one that was killed long ago is told of by nobody
        await World.Execute("insert into hosts values (gen_random_uuid(), 'dead:1', '{sink}', '0.1.0', now(), now() - interval '11 s', '{}'), (gen_random_uuid(), 'gone:1', '{sink}', '0.1.0', now(), now() - interval '25 hours', '{}')");
        await second.Stop();
        hosts = await Eventually(() => Hosts(first), Has.Count.EqualTo(2));
        Assert.That(hosts.Select(host => (host.GetProperty("name").GetString()!.Split(':')[0], host.GetProperty("alive").GetBoolean())), Is.EqualTo(new[] { (Environment.MachineName, true), ("dead", false) }));
    }

    private static async Task<IReadOnlyList<JsonElement>> Hosts(HostInside host) => [.. (await host.Client.Get("/api/v1/operations/hosts")).EnumerateArray()];

    private static async Task<JsonElement> Sink(HostInside asked) => (await Hosts(asked)).Single(host => Roles(host) == "sink query");

    private static string Roles(JsonElement host) => string.Join(' ', host.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));

    private static double? Figure(JsonElement host, string module, string name) =>
        host.GetProperty("status").TryGetProperty(module, out var figures) && figures.TryGetProperty(name, out var figure) ? figure.GetDouble() : null;
}
