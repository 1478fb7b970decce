using System.Collections.Concurrent;
using Causality.EventStore.Inbox;
using Causality.EventStore.Outbox;
using Causality.EventStore.Streams;
using Causality.OutboxHost;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Outbox;

/// <summary>What a consumer may do in its transaction, and how it may fail there.</summary>
[TestFixture]
internal sealed class ConsumerTests : OnOrders
{
    private readonly ConcurrentQueue<string> _ended = [];
    private Func<ConsumeContext<OrderAccepted>, Task> _consume = _ => Task.CompletedTask;
    private HostInside _host = null!;
    private HostReceiveEndpointHandle _endpoint = null!;

    private IEventStore Store => _host.Services.GetRequiredService<IEventStore>();

    /// <summary>Does what the test says.</summary>
    private sealed class Doing(ConsumerTests test) : IConsumer<OrderAccepted>
    {
        public async Task Consume(ConsumeContext<OrderAccepted> context)
        {
            try
            {
                await test._consume(context);
            }
            finally
            {
                test._ended.Enqueue(context.Message.Order);
            }
        }
    }

    [OneTimeSetUp]
    public async Task StartHost()
    {
        _host = await StartOrders();
        _endpoint = _host.Services.GetRequiredService<IReceiveEndpointConnector>().ConnectReceiveEndpoint("orders.doing", (context, endpoint) =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.UseEventStore(context);
            endpoint.Consumer(() => new Doing(this));
        });
        await _endpoint.Ready;
    }

    [OneTimeTearDown]
    public Task StopEndpoint() => _endpoint.StopAsync();

    [Test]
    public async Task What_a_consumer_has_scheduled_is_gone_when_it_throws()
    {
        await Consume("scheduled", async context =>
        {
            await context.SchedulePublish(TimeSpan.FromMinutes(10), new Unheard("scheduled"));
            throw new InvalidOperationException("after it has scheduled");
        });

        Assert.That(await World.Count("select count(*) from scheduled_messages"), Is.Zero);
    }

    [Test]
    public async Task What_a_consumer_has_scheduled_waits_when_it_ends()
    {
        await Consume("kept", context => context.SchedulePublish(TimeSpan.FromMinutes(10), new Unheard("kept")));

        await Eventually(() => World.Count("select count(*) from scheduled_messages where message_types like '%Unheard%'"), Is.EqualTo(1));
        await World.Execute("delete from scheduled_messages");
    }

    [Test]
    public async Task A_commit_that_was_given_up_does_not_take_the_rest_of_the_message_with_it()
    {
        await Consume("given-up", async context =>
        {
            await Store.Begin(context, "system:test").Append(new StreamId("order", "given-up-1"), 0, new OrderPlaced(1)).Commit(context.CancellationToken);
            using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            var slow = Store.Begin(context, "system:test").Append(new StreamId("order", "given-up-2"), 0, new OrderPlaced(1));
            slow.Rows.Add("select pg_sleep(30)");
            try
            {
                await slow.Commit(impatient.Token);
            }
            catch (OperationCanceledException)
            {
                // goes on without it
            }
        });

        await Eventually(() => World.Count("select count(*) from facts where stream = 'order/given-up-1'"), Is.EqualTo(1));
        Assert.That(await World.Count("select count(*) from facts where stream = 'order/given-up-2'"), Is.Zero);
    }

    [Test]
    public async Task A_host_that_vanishes_while_it_consumes_is_noticed_by_its_session()
    {
        await World.Execute("create table watched (settings text)");
        await Consume("watched", async context =>
        {
            var transaction = Store.Begin(context, "system:test");
            transaction.Rows.Add("insert into watched select current_setting('tcp_keepalives_idle') || ' ' || current_setting('tcp_user_timeout')");
            await transaction.Commit(context.CancellationToken);
        });

        await Eventually(() => World.Scalar("select settings from watched"), Is.EqualTo("5 15000"));
    }

    private async Task Consume(string order, Func<ConsumeContext<OrderAccepted>, Task> what)
    {
        _consume = what;
        var endpoint = await _host.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri("exchange:orders.doing"));
        await endpoint.Send(new OrderAccepted(order, 1));
        await Eventually(() => _ended.Contains(order), Is.True);
    }
}
