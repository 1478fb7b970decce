using Causality.EventStore.Outbox;
using Causality.EventStore.Streams;
using Causality.OutboxHost;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Outbox;

/// <summary>Sagas in PostgreSQL: no change is lost, and their timeouts outlive the host that set them.</summary>
[TestFixture]
internal sealed class SagaTests : OnOrders
{
    /// <summary>The step that only what is due passes: no order alone comes by it.</summary>
    internal const OutboxStep DyingStep = OutboxStep.DueMoved;

    [Test]
    public async Task Concurrent_events_of_one_saga_lose_no_update()
    {
        const int events = 50;
        var id = Guid.CreateVersion7();
        var (one, other) = (await StartOrders(), await StartOrders());
        var bus = one.Services.GetRequiredService<IBus>();
        await Task.WhenAll(Enumerable.Range(0, events).Select(_ => bus.Publish(new TallyAdded(id))));

        await Eventually(() => Data(id, "count"), Is.EqualTo($"{events}"), TimeSpan.FromSeconds(60));
        Assert.That(await World.Count($"select version from sagas where id = '{id}'"), Is.EqualTo(events));
        Assert.That(await World.Scalar($"select type || ' ' || state from sagas where id = '{id}'"), Is.EqualTo("tally Counting"));

        await bus.Publish(new TallyClosed(id));
        await Eventually(() => World.Count($"select count(*) from sagas where id = '{id}'"), Is.Zero);
        await one.Stop();
        await other.Stop();
    }

    [Test]
    public async Task A_timeout_that_became_due_while_no_host_was_there_fires_after_the_next_start_once()
    {
        var id = Guid.CreateVersion7();
        var first = await StartOrders();
        await Publish(first, new TallyWatched(id, TimeSpan.FromSeconds(8)));
        await Eventually(() => World.Count($"select count(*) from scheduled_messages where lane = 'saga/tally/{id}'"), Is.EqualTo(1));
        await first.Stop();
        await Eventually(() => World.Count("select count(*) from scheduled_messages where due_at < now()"), Is.EqualTo(1));

        var second = await StartOrders();
        await Eventually(() => State(id), Is.EqualTo("Expired"));
        Assert.That(await World.Count($"select version from sagas where id = '{id}'"), Is.EqualTo(2));
        await second.Stop();
    }

    [Test]
    public async Task A_cancelled_timeout_does_not_fire_and_another_one_fires_on_time()
    {
        var (left, watched) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var host = await StartOrders(services => services.Configure<OutboxOptions>(outbox => outbox.ScheduleInterval = TimeSpan.FromMinutes(1)));
        await Publish(host, new TallyWatched(left, TimeSpan.FromSeconds(6)));
        await Eventually(() => World.Count("select count(*) from scheduled_messages"), Is.EqualTo(1));
        await Publish(host, new TallyLeft(left));
        await Eventually(() => World.Count("select count(*) from scheduled_messages"), Is.Zero);
        // due later than the cancelled one, and not found by polling
        await Publish(host, new TallyWatched(watched, TimeSpan.FromSeconds(7)));

        await Eventually(() => State(watched), Is.EqualTo("Expired"));
        Assert.That(await State(left), Is.EqualTo("Counting"));
        await host.Stop();
    }

    [Test]
    public async Task Watching_again_replaces_the_timeout()
    {
        var id = Guid.CreateVersion7();
        var host = await StartOrders();
        await Publish(host, new TallyWatched(id, TimeSpan.FromMinutes(10)));
        await Eventually(() => World.Count($"select count(*) from scheduled_messages where lane = 'saga/tally/{id}'"), Is.EqualTo(1));
        await Publish(host, new TallyWatched(id, TimeSpan.FromMilliseconds(200)));

        await Eventually(() => State(id), Is.EqualTo("Expired"));
        Assert.That(await World.Count($"select count(*) from scheduled_messages where lane = 'saga/tally/{id}'"), Is.Zero);
        await host.Stop();
    }

    [Test]
    public async Task Somebody_who_is_no_consumer_schedules_and_cancels_too()
    {
        var (kept, cancelled) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var host = await StartOrders();
        var scheduler = host.Services.GetRequiredService<IMessageScheduler>();
        var handle = await scheduler.SchedulePublish(DateTime.UtcNow.AddMinutes(10), new TallyAdded(cancelled));
        await scheduler.SchedulePublish(DateTime.UtcNow.AddMilliseconds(300), new TallyAdded(kept));
        await scheduler.CancelScheduledPublish<TallyAdded>(handle.TokenId);

        await Eventually(() => Data(kept, "count"), Is.EqualTo("1"));
        Assert.That(await World.Count($"select count(*) from scheduled_messages where token = '{handle.TokenId}'"), Is.Zero);
        await host.Stop();
    }

    [Test]
    public async Task Kill_9_of_the_host_that_has_just_moved_what_was_due_loses_no_timeout()
    {
        var id = Guid.CreateVersion7();
        var first = await LaunchOrders(("FAILPOINT", $"OutboxStep.{DyingStep}:1"));
        var writer = await StartOrders(services => services.Configure<OutboxOptions>(outbox => (outbox.ScheduleInterval, outbox.PollInterval) = (TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10))));
        await Publish(writer, new TallyWatched(id, TimeSpan.FromSeconds(1)));
        await Eventually(() => World.Count($"select count(*) from sagas where id = '{id}'"), Is.EqualTo(1));
        await writer.Stop();
        await first.Death();

        var next = await StartOrders();
        await Eventually(() => State(id), Is.EqualTo("Expired"));
        await next.Stop();
    }

    private static Task Publish<T>(HostInside host, T message) where T : class =>
        host.Services.GetRequiredService<IEventStore>().Begin(new FactOrigin("system:test")).Publish(message).Commit(CancellationToken.None);

    private async Task<string?> State(Guid id) => await World.Scalar($"select state from sagas where id = '{id}'") as string;

    private async Task<string?> Data(Guid id, string property) => await World.Scalar($"select data ->> '{property}' from sagas where id = '{id}'") as string;
}
