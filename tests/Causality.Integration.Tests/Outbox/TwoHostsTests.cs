using Causality.EventStore.Streams;
using Causality.OutboxHost;
using Causality.EventStore.Outbox;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Outbox;

/// <summary>Hosts share the outbox. However many deliver, and whichever dies, a stream's messages come in its order.</summary>
[TestFixture]
internal sealed class TwoHostsTests : OnOrders
{
    private const int Streams = 12, Each = 60;

    [Test]
    public async Task Two_hosts_and_then_one_keep_each_stream_in_order()
    {
        var first = await LaunchOrders();
        var second = await LaunchOrders();
        var writing = Task.WhenAll(Enumerable.Range(0, Streams).Select(async stream =>
        {
            for (var i = 0; i < Each; i++)
            {
                var host = (i + stream) % 2 == 0 ? first : second;
                try
                {
                    (await host.Client.Http.PostAsync($"/orders/{stream}", null)).EnsureSuccessStatusCode().Dispose();
                }
                catch (HttpRequestException) when (host == first)
                {
                }
            }
        }));
        await Eventually(() => World.Count("select count(*) from facts where name = 'order-placed'"), Is.GreaterThan(Streams * Each / 4));
        await first.Kill();
        await writing;
        await Quiet();
        await AssertEachOnce();

        var published = await Published();
        foreach (var stream in published.GroupBy(p => p.Order))
        {
            // a message may come again after a kill; what comes for the first time comes in order
            Assert.That(stream.Select(p => p.Number).Distinct(), Is.EqualTo(Enumerable.Range(1, stream.Max(p => p.Number))), stream.Key);
            Assert.That(stream.Max(p => p.Number), Is.EqualTo(await World.Count($"select count(*) from facts where stream = 'order/{stream.Key}'")), stream.Key);
        }
        Assert.That(published.Select(p => p.Order).Distinct().Count(), Is.EqualTo(Streams));
    }
}
