using Causality.EventStore.Streams;
using Causality.OutboxHost;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using RabbitMQ.Client;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Outbox;

/// <summary>A fixture on the real servers whose hosts carry the module of orders, with queues, tables and a recorder of what is published.</summary>
internal abstract class OnOrders : OnRealServers
{
    private const string Recorder = "recorder", Exchange = "Causality.OutboxHost:OrderAccepted";

    protected Interference Interference { get; } = new();

    [OneTimeSetUp]
    public async Task PrepareOrders()
    {
        await World.Execute("create table shipments (order_id text, number int); create table counts (order_id text, number int)");
        await using var broker = await RawBroker.Open(World);
        await broker.Channel.ExchangeDeclareAsync(Exchange, ExchangeType.Fanout, durable: true);
        await broker.Channel.QueueDeclareAsync(Recorder, durable: true, exclusive: false, autoDelete: false);
        await broker.Channel.QueueBindAsync(Recorder, Exchange, "");
    }

    protected Task<HostInside> StartOrders(Action<IServiceCollection>? also = null, bool ready = true) =>
        World.Start([Orders.Role], services =>
        {
            services.AddSingleton(Interference);
            also?.Invoke(services);
        }, ready: ready);

    protected Task<HostOutside> LaunchOrders(params (string Name, string Value)[] settings) => World.Launch(typeof(Orders).Assembly, [], settings);

    protected static Task<long> Place(HostInside host, string order) => Orders.Place(host.Services.GetRequiredService<IEventStore>(), order, CancellationToken.None);

    /// <summary>Until nothing waits any more, neither in the outbox nor in a queue.</summary>
    protected async Task Quiet(TimeSpan? within = null)
    {
        var patience = within ?? TimeSpan.FromSeconds(40);
        await Eventually(() => World.Count("select count(*) from outbox"), Is.Zero, patience);
        await Eventually(async () => await World.Count("select count(*) from shipments") == await World.Count("select count(*) from facts where name = 'order-placed'")
            && await World.Count("select count(*) from counts") >= await World.Count("select count(*) from shipments"), Is.True, patience);
    }

    /// <summary>Each fact led to one shipment, and each shipment to one count: nothing lost, nothing twice.</summary>
    protected async Task AssertEachOnce()
    {
        const string unequal =
            """
            select count(*) from (
                select split_part(stream, '/', 2) as order_id, version::int as number from facts where name = 'order-placed') f
            full join (select order_id, number, count(*) as n from {0} group by 1, 2) e using (order_id, number)
            where n is distinct from 1
            """;
        Assert.That(await World.Count(unequal.Replace("{0}", "shipments", StringComparison.Ordinal)), Is.Zero, "orders that were not shipped once");
        Assert.That(await World.Count(unequal.Replace("{0}", "counts", StringComparison.Ordinal)), Is.Zero, "shipments that were not counted once");
        Assert.That(await World.Count("select count(*) from facts where name = 'shipment-booked'"), Is.EqualTo(await World.Count("select count(*) from shipments")));
    }

    /// <summary>What was published since the last time, in the order in which the broker took it, repeats included.</summary>
    protected async Task<IReadOnlyList<(string Order, int Number)>> Published()
    {
        await using var broker = await RawBroker.Open(World);
        var published = new List<(string, int)>();
        while (await broker.Channel.BasicGetAsync(Recorder, autoAck: true) is { } message)
        {
            using var envelope = System.Text.Json.JsonDocument.Parse(message.Body);
            var content = envelope.RootElement.GetProperty("message");
            published.Add((content.GetProperty("order").GetString()!, content.GetProperty("number").GetInt32()));
        }
        return published;
    }
}
