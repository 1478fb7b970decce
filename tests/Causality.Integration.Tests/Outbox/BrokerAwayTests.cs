using Causality.Host;
using Causality.OutboxHost;
using Causality.Testing;
using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using RabbitMQ.Client;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Outbox;

/// <summary>What the outbox is for: a handler needs the database alone, and what it decided goes out when it can.</summary>
[TestFixture]
internal sealed class BrokerAwayTests : OnOrders
{
    [Test]
    public async Task A_host_that_starts_without_a_broker_records_facts_and_delivers_their_messages_when_it_comes()
    {
        await TestServers.RabbitMqCtl("delete_vhost", World.VirtualHost);
        var host = await StartOrders(ready: false);
        for (var i = 0; i < 20; i++)
            await Place(host, $"early-{i % 4}").WaitAsync(TimeSpan.FromSeconds(5));
        Assert.That(await World.Count("select count(*) from outbox"), Is.EqualTo(20));

        await TestServers.AddVirtualHost(World.VirtualHost);
        await Quiet();
        await AssertEachOnce();
        await host.Stop();
    }

    /// <summary>What a race in the client's library does now and then: the broker has no consumer any more, and the bus was not told.</summary>
    [Test]
    public async Task A_consumer_that_vanishes_without_a_word_is_back_within_seconds()
    {
        var host = await StartOrders();
        var bus = host.Services.GetServices<IBusInstance>().Single(b => b.InstanceType == typeof(IConsumingBus)).BusControl;
        var consumer = new SeenConsumer(Orders.ShipmentQueue);
        using (bus.ConnectReceiveObserver(consumer))
        {
            await Place(host, "vanishing");
            await Quiet();
        }
        var (channel, tag) = consumer.Seen!.Value;
        await channel.BasicCancelAsync(tag, noWait: true);

        await Place(host, "vanishing");
        await Quiet();
        await AssertEachOnce();
        Assert.That(await host.Client.Http.GetStringAsync("/metrics"), Does.Match("(?m)^causality_host_consumers_restarted_total[^ ]* [1-9]"));
        await host.Stop();
    }

    [Test]
    public async Task Connections_that_broker_and_database_close_come_back_and_nothing_is_lost_or_doubled()
    {
        var host = await StartOrders();
        var writing = Task.WhenAll(Enumerable.Range(0, 4).Select(async client =>
        {
            for (var i = 0; i < 100; i++)
            {
                try
                {
                    await Place(host, $"torn-{client}");
                }
                catch (Npgsql.NpgsqlException)
                {
                    // the database ended this session too: the order was not placed, or its message will go out
                }
            }
        }));
        await Eventually(() => World.Count("select count(*) from shipments where order_id like 'torn-%'"), Is.GreaterThan(40));
        await TestServers.RabbitMqCtl("close_all_connections", "--vhost", World.VirtualHost, "test");
        for (var (round, ended) = (0, 0L); round < 500 && ended < 5; round++)
            ended += await World.Count("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null");
        await writing;
        await Quiet(TimeSpan.FromMinutes(2));   // the client's library waits 20 s for an answer that a closed connection has swallowed
        await AssertEachOnce();
        await host.Stop();
    }

    /// <summary>Remembers on which channel, and by which tag, a queue is consumed.</summary>
    private sealed class SeenConsumer(string queue) : IReceiveObserver
    {
        public (IChannel Channel, string Tag)? Seen { get; private set; }

        public Task PreReceive(ReceiveContext context)
        {
            if (context.InputAddress.AbsolutePath.EndsWith(queue, StringComparison.Ordinal))
                Seen = (context.GetPayload<ChannelContext>().Channel, context.GetPayload<RabbitMqBasicConsumeContext>().ConsumerTag);
            return Task.CompletedTask;
        }

        public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

        public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class => Task.CompletedTask;

        public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;
    }
}
