using Causality.Contracts.Events;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Publishing;

/// <summary>A request of more hours or bytes than a message should have becomes several, and is one request all the same.</summary>
[TestFixture]
internal sealed class MessageCuttingTests : OnPublisher
{
    [Test]
    public async Task A_request_of_more_hours_than_a_flush_should_write_becomes_several_messages_each_with_its_own_count()
    {
        await Start();
        Assert.That(await Publisher.Publish(Batch("demo", 1000, hours: 450)));
        var messages = Bus.Messages.ToList();
        Assert.That(messages.Select(m => Hours(m.Body).Count), Is.EquivalentTo(new[] { 200, 200, 50 }));
        Assert.That(messages.SelectMany(m => Hours(m.Body)), Is.Unique, "no hour is in two of them");
        Assert.That(messages.SelectMany(m => Devices(m.Body)), Is.EquivalentTo(Enumerable.Range(0, 1000).Select(i => $"demo-{i}")));
        Assert.That(messages.Select(m => m.MessageId), Is.Unique);
        Assert.That(messages.Select(m => EventCounts.Parse(m.Counts).Rows.Single()), Is.EqualTo(messages.Select(m => new AppHourCount("demo", (int)(Noon.ToUnixTimeSeconds() / 3600), Devices(m.Body).Count))));
        Assert.That(Counts.TakeUnsaved().Single().Events, Is.EqualTo(1000));
    }

    [Test]
    public async Task A_request_of_more_bytes_than_a_message_should_hold_becomes_several_too()
    {
        await Start(o => o.MessageBytes = 2_000);
        var batch = Batch("demo", 1000, hours: 450);
        var bytes = batch.Events.Length;
        Assert.That(await Publisher.Publish(batch));
        var messages = Bus.Messages.ToList();
        Assert.That(messages.Select(m => m.Body.Length), Has.All.LessThanOrEqualTo(2_000));
        Assert.That(messages.Sum(m => m.Body.Length), Is.EqualTo(bytes));
        Assert.That(messages.Select(m => Hours(m.Body).Count), Has.All.LessThanOrEqualTo(200));
        Assert.That(messages.SelectMany(m => Devices(m.Body)), Is.EquivalentTo(Enumerable.Range(0, 1000).Select(i => $"demo-{i}")));
        Assert.That(Counts.TakeUnsaved().Single().Events, Is.EqualTo(1000));
    }

    [Test]
    public async Task A_request_that_became_several_messages_waits_for_the_last_of_them()
    {
        await Start();
        Bus.Hold();
        var request = Publisher.Publish(Batch("demo", 300, hours: 300));
        await Bus.Reached(2);
        Assert.That(request.IsCompleted, Is.False);
        Bus.LetGo();
        Assert.That(await request);
    }

    [Test]
    public async Task A_request_of_many_hours_is_refused_when_one_of_its_messages_is_not_durable_and_counted_as_far_as_it_is()
    {
        await Start(o => o.Spool.MinFreeBytes = NoRoom);
        Bus.FailFrom = 2;
        Assert.That(await Publisher.Publish(Batch("demo", 300, hours: 300)), Is.False);
        Assert.That(Counts.TakeUnsaved().Single().Events, Is.EqualTo(Devices(Bus.Messages.First().Body).Count));
    }

    [Test]
    public async Task A_request_of_many_hours_is_cut_for_the_spool_too()
    {
        await Start();
        Spool.Circuit.Raised("low on memory");
        Assert.That(await Publisher.Publish(Batch("demo", 300, hours: 300)));
        Spool.Circuit.Cleared();
        Bus.FailFrom = 1;
        Assert.That(await Publisher.Publish(Batch("shop", 300, hours: 300)));
        Assert.That(World.Records.Select(r => (r.Counts.Rows.Single().AppId, Hours(r.Batch.ToArray()).Count)), Is.EquivalentTo(new[] { ("demo", 200), ("demo", 100), ("shop", 200), ("shop", 100) }));
        Assert.That(World.Records.Select(r => r.MessageId), Is.Unique);
    }

    [Test]
    public async Task What_memory_has_no_room_for_is_cut_too()
    {
        await Start(o => o.WaitingBytes = 15_000);
        Bus.Hold();
        var slow = Publisher.Publish(Batch("demo", 400));
        await Bus.Reached(1);
        Assert.That(await Publisher.Publish(Batch("demo", 300, hours: 300)));
        Assert.That(World.Records.Select(r => Hours(r.Batch.ToArray()).Count), Is.EquivalentTo(new[] { 200, 100 }));
        Bus.LetGo();
        Assert.That(await slow);
    }

    [Test]
    public async Task Requests_that_share_a_message_bring_no_more_hours_into_it_than_a_flush_should_write()
    {
        await Start(o => (o.Publishers, o.AloneEvents, o.MessageEvents, o.MessagePartitions) = (1, 10, 1000, 30));
        Bus.Hold();
        var first = Publisher.Publish(Batch("demo", 1));
        await Bus.Reached(1);
        var others = Enumerable.Range(0, 20).Select(i => Publisher.Publish(Batch($"app-{i}", 9, hours: 9))).ToArray();
        var same = Enumerable.Range(0, 20).Select(_ => Publisher.Publish(Batch("demo", 9, hours: 9))).ToArray();
        Bus.LetGo();
        Assert.That(await Task.WhenAll([first, .. others, .. same]), Is.All.True);
        var messages = Bus.Messages.Select(m => (Rows: EventCounts.Parse(m.Counts).Rows.Count, Events: Devices(m.Body).Count)).ToList();
        Assert.That(messages.Select(m => m.Rows), Is.All.LessThanOrEqualTo(3), "of nine hours each");
        Assert.That(messages.Max(m => m.Events), Is.GreaterThan(100), "hours that they have in common count once");
    }
}
