using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests;

/// <summary>A gateway and two sinks, each a host of its own, on one queue.</summary>
[TestFixture(Storage.Local)]
[TestFixture(Storage.S3)]
internal sealed class TwoSinksTests(Storage storage) : OnRealServers(storage)
{
    [Test]
    public async Task Two_sinks_share_the_work_and_when_one_is_killed_the_other_takes_over()
    {
        var gateway = await World.Start("gateway,query");
        await gateway.Client.SignIn();
        // few messages at a time, so that neither takes all there are
        (string, string)[] settings = [("SINK__PREFETCH", "8"), ("SINK__QUIETINTERVAL", "00:00:00.1")];
        var first = await World.Launch("sink", settings);
        var second = await World.Launch("sink", settings);

        await using var load = new Load(gateway.Client, pause: TimeSpan.FromMilliseconds(100)).Begin();
        await Eventually(() => (Flushes(first) >= 3, Flushes(second) >= 3), Is.EqualTo((true, true)));
        await second.Kill();
        var until = Flushes(first);
        await Eventually(() => Flushes(first), Is.GreaterThan(until + 2));
        await load.End();

        await Eventually(gateway.Client.Books, Has.Property("Balance").True);
        // what the killed one had committed and not named is named by the next sink that starts, or by the other's janitor
        await World.Launch("sink");
        var stored = await Eventually(() => World.Lake.Keys(World.App), Has.Count.EqualTo(load.Accepted.Count + load.Unknown.Count));
        Assert.That(load.Unknown, Is.Empty);
        Assert.That(stored.Keys, Is.EquivalentTo(load.Accepted));
        Assert.That(stored.Values, Has.All.EqualTo(1));
        Assert.That((await gateway.Client.Books()).Accepted, Is.EqualTo(load.Accepted.Count));
    }

    private static int Flushes(HostOutside sink) => sink.Output.Split(" events in ").Length - 1;
}
