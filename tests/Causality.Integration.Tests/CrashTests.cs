using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests;

/// <summary>The whole program under load dies, or is told to go. What was answered <c>accepted</c> is in the lake's files, once.</summary>
[TestFixture(Storage.Local)]
[TestFixture(Storage.S3)]
internal sealed class CrashTests(Storage storage) : OnRealServers(storage)
{
    private static readonly TimeSpan Draining = TimeSpan.FromSeconds(40);

    [Test, Order(1)]
    public async Task Kill_9_under_load_loses_and_doubles_nothing()
    {
        var first = await World.Launch();
        await using var load = new Load(first.Client).Begin();
        // in the midst of it: some flushes have committed, others have not
        await Eventually(() => World.Lake.Files.Count, Is.GreaterThanOrEqualTo(2), Draining);
        await first.Kill();
        await load.End();
        Assert.That(load.Accepted, Is.Not.Empty);

        var second = await World.Launch();
        await second.Client.SignIn();
        await Eventually(async () => (await second.Client.Books()).Balance, Is.True, Draining);
        await Eventually(() => World.Lake.Keys(World.App).Keys.ToHashSet().IsSupersetOf(load.Accepted), Is.True, Draining);

        var stored = World.Lake.Keys(World.App);
        Assert.That(stored.Values, Has.All.EqualTo(1));
        Assert.That(stored.Keys, Is.SubsetOf(load.Accepted.Concat(load.Unknown)));
        Assert.That((await second.Client.Books()).Stored, Is.EqualTo(stored.Count));
        Assert.That((await second.Terminate()).ExitCode, Is.Zero, second.Output);
    }

    [Test, Order(2)]
    public async Task SIGTERM_under_load_loses_and_doubles_nothing_and_ends_in_time()
    {
        var before = World.Lake.Keys(World.App).Count;
        var first = await World.Launch("all", ("SHUTDOWNSECONDS", "20"));
        await using var load = new Load(first.Client).Begin();
        await Eventually(() => World.Lake.Keys(World.App).Count, Is.GreaterThan(before + 500), Draining);
        var (code, took) = await first.Terminate();
        await load.End();

        Assert.That(code, Is.Zero, first.Output);
        Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(20)));
        // it flushed what it held before it went: no other host is needed for that
        var stored = World.Lake.Keys(World.App);
        Assert.That(stored.Keys, Is.SupersetOf(load.Accepted));
        Assert.That(stored.Values, Has.All.EqualTo(1));

        var second = await World.Launch();
        await second.Client.SignIn();
        await Eventually(async () => (await second.Client.Books()).Balance, Is.True, Draining);
        Assert.That((await second.Client.Books()).Stored, Is.EqualTo(World.Lake.Keys(World.App).Count));
    }
}
