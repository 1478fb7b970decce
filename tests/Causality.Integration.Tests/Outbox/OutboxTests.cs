using Causality.EventStore.Inbox;
using Causality.EventStore.Outbox;
using Causality.EventStore.Streams;
using Causality.OutboxHost;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Outbox;

/// <summary>Messages leave with the facts that they were decided with, and consumers do their part once.</summary>
[TestFixture]
internal sealed class OutboxTests : OnOrders
{
    private HostInside _host = null!;

    private IEventStore Store => _host.Services.GetRequiredService<IEventStore>();

    [OneTimeSetUp]
    public async Task StartHost() => _host = await StartOrders(services => services.Configure<OutboxOptions>(outbox =>
    {
        // what is delivered within a test was not found by polling
        outbox.PollInterval = TimeSpan.FromMinutes(1);
        outbox.AlarmAge = TimeSpan.FromSeconds(1);
    }));

    [TearDown]
    public void LeaveAlone() => Interference.AfterBooking = _ => Task.CompletedTask;

    [Test]
    public async Task A_message_follows_its_facts_through_two_consumers_at_once()
    {
        await Place(_host, "swift");

        await Eventually(() => World.Count("select count(*) from counts where order_id = 'swift'"), Is.EqualTo(1));
        Assert.That(await World.Count("select count(*) from shipments where order_id = 'swift'"), Is.EqualTo(1));
        await Eventually(() => World.Count("select count(*) from outbox where lane = 'order/swift'"), Is.Zero);
    }

    [Test]
    public async Task A_refused_append_publishes_nothing()
    {
        await Place(_host, "refused");
        var late = Store.Begin(new FactOrigin("system:test")).Append(Orders.Stream("refused"), 0, new OrderPlaced(1)).Publish(new OrderAccepted("refused", 99));

        await Assert.ThatAsync(() => late.Commit(CancellationToken.None), Throws.TypeOf<StreamConflictException>());
        await Place(_host, "refused");
        await Eventually(() => World.Count("select count(*) from shipments where order_id = 'refused'"), Is.EqualTo(2));
        Assert.That(await World.Count("select count(*) from shipments where order_id = 'refused' and number = 99"), Is.Zero);
    }

    [Test]
    public async Task A_stream_s_messages_are_published_in_its_order()
    {
        await Published();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(async order =>
        {
            for (var i = 0; i < 30; i++)
                await Place(_host, $"ordered-{order}");
        }));
        await Eventually(() => World.Count("select count(*) from shipments where order_id like 'ordered-%'"), Is.EqualTo(150));

        foreach (var order in (await Published()).Where(p => p.Order.StartsWith("ordered-", StringComparison.Ordinal)).GroupBy(p => p.Order))
            Assert.That(order.Select(p => p.Number), Is.EqualTo(Enumerable.Range(1, 30)), order.Key);
    }

    [Test]
    public async Task Facts_of_a_consumer_carry_the_correlation_of_the_request_and_the_message_that_led_to_them()
    {
        await Place(_host, "traced");
        await Eventually(() => World.Count("select count(*) from facts where stream = 'shipments/traced'"), Is.EqualTo(1));

        var booked = (await Store.Read(new StreamId("shipments", "traced"), CancellationToken.None))[0].Origin;
        Assert.That(booked.CorrelationId, Is.EqualTo("request-traced-1"));
        Assert.That(booked.Actor, Is.EqualTo("system:shipments"));
        Assert.That(await World.Count($"select count(*) from inbox where message_id = '{booked.CausationId}'"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_message_that_no_queue_takes_waits_visibly_and_holds_nothing_else_back()
    {
        await Store.Begin(new FactOrigin("system:test")).Append(Orders.Stream("stuck"), 0, new OrderPlaced(1)).Publish(new Unheard("stuck")).Commit(CancellationToken.None);
        await Eventually(() => World.Count("select count(*) from outbox where lane = 'order/stuck' and attempts > 0 and last_error is not null and next_attempt_at > created_at"), Is.EqualTo(1));
        // every partition, that of the one that is stuck among them
        for (var i = 0; i < 40; i++)
            await Place(_host, $"beside-{i}");
        await Eventually(() => World.Count("select count(*) from shipments where order_id like 'beside-%'"), Is.EqualTo(40));

        var watch = _host.Services.GetRequiredService<OutboxWatch>();
        _host.Services.GetRequiredService<OutboxMetrics>().Depth = await watch.Measure(CancellationToken.None);
        await Eventually(() => OutboxModule.Problem(_host.Services), Is.Not.Null.And.Contains("1 were refused"));
        Assert.That(await _host.Client.Status("/ready"), Is.EqualTo(System.Net.HttpStatusCode.OK));
        Assert.That(await _host.Client.Http.GetStringAsync("/ready"), Does.Contain("1 were refused"));
        Assert.That(await _host.Client.Http.GetStringAsync("/metrics"), Does.Match(@"(?m)^causality_outbox_failing(\{.*\})? 1$").And.Match(@"(?m)^causality_outbox_age_seconds"));
        await World.Execute("delete from outbox where lane = 'order/stuck'");
    }

    [Test]
    public async Task Many_that_no_queue_takes_hold_nothing_else_back()
    {
        await Store.Begin(new FactOrigin("system:test")).Publish(new Unheard("crowd")).Commit(CancellationToken.None);
        await Eventually(() => World.Count("select count(*) from outbox where attempts > 0"), Is.EqualTo(1));
        // several batches of them, each in a lane of its own, all due now and before the one that can be delivered
        await World.Execute($"""
            insert into outbox (partition, lane, message_id, destination, message_types, body, created_at)
            select {OutboxTable.Partition("order/behind-many")}, 'message/' || n, gen_random_uuid(), destination, message_types, body, created_at from outbox, generate_series(1, 350) n
            """);
        await Place(_host, "behind-many");

        await Eventually(() => World.Count("select count(*) from shipments where order_id = 'behind-many'"), Is.EqualTo(1));
        await World.Execute("delete from outbox where destination like '%Unheard%'");
    }

    [Test]
    public async Task A_message_that_comes_while_its_partition_is_being_left_does_not_wait_for_the_next_look()
    {
        for (var i = 0; i < 300; i++)
        {
            await Place(_host, "next-to-go");
            await Place(_host, "next-to-go");
            await Eventually(() => World.Count("select count(*) from outbox where lane = 'order/next-to-go'"), Is.Zero, TimeSpan.FromSeconds(10));
        }
    }

    [Test]
    public async Task Two_copies_of_a_message_at_the_same_time_have_one_effect()
    {
        var bus = _host.Services.GetRequiredService<IBus>();
        for (var number = 1; number <= 10; number++)
        {
            var (id, copy) = (NewId.NextGuid(), new OrderAccepted("copied", number));
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => bus.Publish(copy, context => context.MessageId = id)));
        }

        await Eventually(() => Waiting("orders.shipments"), Is.Zero);
        await Eventually(() => World.Count("select count(distinct number) from shipments where order_id = 'copied'"), Is.EqualTo(10));
        await Eventually(() => World.Count("select count(*) from counts where order_id = 'copied'"), Is.EqualTo(10));
        Assert.That(await World.Count("select count(*) from shipments where order_id = 'copied'"), Is.EqualTo(10));
        Assert.That(await World.Count("select count(*) from facts where stream = 'shipments/copied'"), Is.EqualTo(10));
    }

    [Test]
    public async Task A_consumer_that_throws_leaves_nothing()
    {
        Interference.AfterBooking = accepted => accepted.Order == "thrown" ? throw new InvalidOperationException("after everything was written") : Task.CompletedTask;
        await Place(_host, "thrown");

        await Eventually(() => Waiting("orders.shipments_error"), Is.EqualTo(1));
        Assert.That(await World.Count("select count(*) from shipments where order_id = 'thrown'"), Is.Zero);
        Assert.That(await World.Count("select count(*) from facts where stream = 'shipments/thrown'"), Is.Zero);
        Assert.That(await World.Count("select count(*) from outbox where message_types like '%ShipmentAnnounced%'"), Is.Zero);
        Assert.That(await World.Count("select count(*) from counts where order_id = 'thrown'"), Is.Zero);
    }

    [Test]
    public async Task A_transaction_outside_of_an_endpoint_with_the_event_store_is_refused()
    {
        var context = new TaskCompletionSource<ConsumeContext<OrderAccepted>>();
        var bus = _host.Services.GetRequiredService<IBus>();
        var handle = bus.ConnectReceiveEndpoint("orders.bare", endpoint => endpoint.Handler<OrderAccepted>(c => { context.TrySetResult(c); return Task.CompletedTask; }));
        await handle.Ready;
        await Place(_host, "bare");

        var refused = await context.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(() => Store.Begin(refused, "system:test"), Throws.InvalidOperationException.With.Message.Contains("UseEventStore"));
        await handle.StopAsync();
    }

    [Test]
    public async Task What_is_old_enough_is_forgotten_by_the_inbox()
    {
        await World.Execute("insert into inbox select gen_random_uuid(), gen_random_uuid(), now() - interval '20 days' from generate_series(1, 12000)");
        await Place(_host, "young");
        await Eventually(() => World.Count("select count(*) from counts where order_id = 'young'"), Is.EqualTo(1));

        Assert.That(await _host.Services.GetRequiredService<OutboxWatch>().Forget(CancellationToken.None), Is.EqualTo(12000));
        Assert.That(await World.Count("select count(*) from inbox where consumed_at < now() - interval '14 days'"), Is.Zero);
        Assert.That(await World.Count("select count(*) from inbox"), Is.Not.Zero);
    }

    private async Task<uint> Waiting(string queue)
    {
        await using var broker = await RawBroker.Open(World);
        try
        {
            return await broker.Channel.MessageCountAsync(queue);
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return 0;   // it is made when its first message comes
        }
    }
}
