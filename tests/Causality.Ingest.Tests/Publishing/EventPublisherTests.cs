using Causality.Contracts.Events;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Publishing;

[TestFixture]
internal sealed class EventPublisherTests : OnPublisher
{
    [Test]
    public async Task A_single_request_is_published_at_once_as_it_is()
    {
        await Start();
        Assert.That(await Publisher.Publish(Batch("demo", 3)));
        var message = Bus.Messages.Single();
        Assert.That(Devices(message.Body), Is.EqualTo(new[] { "demo-0", "demo-1", "demo-2" }));
        Assert.That(message.MessageId.Version, Is.EqualTo(7));
        Assert.That(World.Segments, Is.Empty, "the disk has no part in it");
        Assert.That(EventCounts.Parse(message.Counts), Is.EqualTo(new EventCounts(Counts.Run, [])).Using<EventCounts>((a, b) => a.Run == b.Run));
        Assert.That(message.Counts, Does.EndWith($";demo,{Noon.ToUnixTimeSeconds() / 3600},3"));
    }

    [Test]
    public async Task Requests_that_arrive_while_one_is_on_its_way_share_a_message()
    {
        await Start(o => o.Publishers = 1);
        Bus.Hold();
        var first = Publisher.Publish(Batch("demo", 1));
        await Bus.Reached(1);
        var others = Enumerable.Range(0, 40).Select(i => Publisher.Publish(Batch(i % 2 == 0 ? "demo" : "shop", 2))).ToArray();
        Bus.LetGo();
        Assert.That(await Task.WhenAll([first, .. others]), Is.All.True);
        Assert.That(Bus.Messages, Has.Count.EqualTo(2));
        var shared = Bus.Messages.Last();
        Assert.That(Devices(shared.Body), Has.Count.EqualTo(80));
        Assert.That(EventCounts.Parse(shared.Counts).Rows.Select(r => (r.AppId, r.Events)), Is.EquivalentTo(new[] { ("demo", 40), ("shop", 40) }));
    }

    [Test]
    public async Task A_shared_message_stays_within_its_bounds()
    {
        await Start(o => (o.Publishers, o.AloneEvents, o.MessageEvents) = (1, 10, 30));
        Bus.Hold();
        var first = Publisher.Publish(Batch("demo", 1));
        await Bus.Reached(1);
        var others = Enumerable.Range(0, 20).Select(_ => Publisher.Publish(Batch("demo", 9))).ToArray();
        Bus.LetGo();
        Assert.That(await Task.WhenAll([first, .. others]), Is.All.True);
        Assert.That(Bus.Messages.Select(m => Devices(m.Body).Count), Is.All.LessThanOrEqualTo(30));
        Assert.That(Bus.Messages.Sum(m => Devices(m.Body).Count), Is.EqualTo(1 + (20 * 9)));
    }

    [Test]
    public async Task A_large_request_does_not_wait_for_the_small_ones()
    {
        await Start(o => o.Publishers = 1);
        Bus.Hold();
        var small = Publisher.Publish(Batch("demo", 1));
        await Bus.Reached(1);
        var large = Publisher.Publish(Batch("demo", 64));
        await Bus.Reached(2);
        Bus.LetGo();
        Assert.That(await Task.WhenAll(small, large), Is.All.True);
    }

    [Test]
    public async Task What_the_broker_does_not_confirm_is_durable_on_disk_under_the_same_id_and_run()
    {
        await Start();
        Bus.FailFrom = 1;
        Assert.That(await Publisher.Publish(Batch("demo", 3)));
        var (sent, spooled) = (Bus.Messages.Single(), World.Records.Single());
        Assert.That((spooled.MessageId, spooled.Counts.ToString()), Is.EqualTo((sent.MessageId, sent.Counts)));
        Assert.That(spooled.Batch.ToArray(), Is.EqualTo(sent.Body));
    }

    [Test]
    public async Task Without_room_in_the_spool_a_failure_reaches_every_request_of_the_message_and_no_other()
    {
        await Start(o => (o.Publishers, o.Spool.MinFreeBytes) = (1, NoRoom));
        Bus.Hold();
        var first = Publisher.Publish(Batch("demo", 1));
        await Bus.Reached(1);
        Bus.FailFrom = 2;
        var doomed = Enumerable.Range(0, 10).Select(_ => Publisher.Publish(Batch("demo", 1))).ToArray();
        Bus.LetGo();
        Assert.That(await first);
        Assert.That(await Task.WhenAll(doomed), Is.All.False);
        Bus.FailFrom = int.MaxValue;
        Assert.That(await Publisher.Publish(Batch("demo", 1)), Is.False, "the broker is known to be away");
        Clock.PassSeconds(1);
        Assert.That(await Publisher.Publish(Batch("demo", 1)), "until one that is sent to find out is confirmed");
        Assert.That(await Publisher.Publish(Batch("demo", 1)));
    }

    [Test]
    public async Task Only_what_is_durable_is_counted()
    {
        await Start();
        await Publisher.Publish(Batch("demo", 3));
        Bus.FailFrom = 2;
        await Publisher.Publish(Batch("demo", 5));
        World.Options.Spool.MinFreeBytes = NoRoom;
        await Publisher.Publish(Batch("demo", 7));
        Assert.That(Counts.TakeUnsaved().Single().Events, Is.EqualTo(8));
    }

    [Test]
    public async Task A_message_that_is_overdue_goes_to_the_spool_is_withdrawn_and_counted_once_though_it_was_confirmed_late()
    {
        await Start();
        Bus.Hold();
        Assert.That(await Overdue(Publisher.Publish(Batch("demo", 3))));
        Assert.That(() => Bus.Cancelled, Is.EqualTo(1).After(2000, 5));
        Bus.LetGo();
        Assert.That(World.Records.Single().MessageId, Is.EqualTo(Bus.Messages.Single().MessageId));
        Assert.That(Counts.TakeUnsaved().Single().Events, Is.EqualTo(3));
    }

    [Test]
    public async Task A_message_that_neither_took_in_time_is_refused_and_counted_when_the_confirm_comes_late()
    {
        await Start(o => o.Spool.MinFreeBytes = NoRoom);
        Bus.Hold();
        Assert.That(await Overdue(Publisher.Publish(Batch("demo", 3))), Is.False);
        Assert.That(Counts.TakeUnsaved(), Is.Empty);
        Bus.LetGo();
        Assert.That(() => Counts.TakeUnsaved().Sum(t => t.Events), Is.EqualTo(3).After(2000, 5));
    }

    [Test]
    public async Task When_the_broker_hangs_nobody_after_the_first_waits_for_it()
    {
        await Start();
        Bus.Hold();
        await Overdue(Publisher.Publish(Batch("demo", 64)));
        Assert.That(await Publisher.Publish(Batch("demo", 1)), "small");
        Assert.That(await Publisher.Publish(Batch("demo", 64)), "large");
        Assert.That(Bus.Messages, Has.Count.EqualTo(1));
        Assert.That(World.Records, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task What_waits_for_a_broker_that_hangs_is_spooled_with_the_first()
    {
        await Start(o => o.Publishers = 1);
        Bus.Hold();
        var first = Publisher.Publish(Batch("demo", 1));
        await Bus.Reached(1);
        var second = Publisher.Publish(Batch("demo", 1));
        Assert.That(await Overdue(first));
        Assert.That(await second);
        Assert.That(Bus.Messages, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_broker_that_is_blocked_by_an_alarm_is_sent_nothing_until_the_alarm_ends()
    {
        await Start();
        Spool.Circuit.Raised("low on memory");
        Assert.That(await Publisher.Publish(Batch("demo", 1)));
        Assert.That(Bus.Messages, Is.Empty);
        Spool.Circuit.Cleared();
        Assert.That(await Publisher.Publish(Batch("demo", 1)));
        Assert.That(Bus.Messages, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task More_than_memory_has_room_for_goes_to_disk_while_the_broker_is_slow()
    {
        await Start(o => o.WaitingBytes = 3000);
        Bus.Hold();
        var slow = Publisher.Publish(Batch("demo", 100));
        await Bus.Reached(1);
        Assert.That(await Publisher.Publish(Batch("demo", 100)));
        Assert.That((Bus.Messages.Count, World.Records.Count), Is.EqualTo((1, 1)));
        Bus.LetGo();
        Assert.That(await slow);
        Assert.That(async () => (await Publisher.Publish(Batch("demo", 100)), Bus.Messages.Count), Is.EqualTo((true, 2)), "and what was confirmed has freed its memory");
    }

    [Test]
    public async Task A_request_that_was_given_up_frees_the_memory_that_it_held()
    {
        await Start(o => (o.WaitingBytes, o.Spool.MinFreeBytes) = (3000, NoRoom));
        Bus.Hold();
        Assert.That(await Overdue(Publisher.Publish(Batch("demo", 100))), Is.False);
        Assert.That(await Publisher.Publish(Batch("demo", 100)), Is.False, "there is no room for both");
        Assert.That(Bus.Messages, Has.Count.EqualTo(1));
        Clock.Pass(2 * Deadline);
        Assert.That(() => Bus.Cancelled, Is.EqualTo(1).After(2000, 5), "three deadlines later the message is given up");
        Bus.LetGo();
        Assert.That(async () => await Publisher.Publish(Batch("demo", 100)), Is.True.After(2000, 5));
    }

    [Test]
    public async Task Stopping_publishes_what_is_waiting()
    {
        await Start(o => o.Publishers = 1);
        Bus.Hold();
        var requests = Enumerable.Range(0, 5).Select(_ => Publisher.Publish(Batch("demo", 1))).ToArray();
        var stopped = Publisher.StopAsync(CancellationToken.None);
        Bus.LetGo();
        await stopped;
        Assert.That(await Task.WhenAll(requests), Is.All.True);
        Assert.That(await Publisher.Publish(Batch("demo", 1)), Is.False, "and takes no more");
    }
}
