using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Causality.Contracts.Events;
using Causality.Ingest.Publishing;
using Causality.Ingest.Tests.Spooling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Publishing;

[TestFixture]
internal sealed class EventPublisherTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private const long NoRoom = long.MaxValue / 2;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1);
    private FakeBus _bus = new();
    private TestClock _clock = new();
    private PublishedCounts _counts = new();
    private SpoolWorld _world = null!;
    private SpoolRun _spool = null!;
    private EventPublisher _publisher = null!;

    [OneTimeTearDown]
    public void Dispose() => _services.Dispose();

    [TearDown]
    public async Task Stop()
    {
        _bus.LetGo();
        await _publisher.StopAsync(CancellationToken.None);
        await _spool.DisposeAsync();
        _world.Dispose();
    }

    [Test]
    public async Task A_single_request_is_published_at_once_as_it_is()
    {
        await Start();
        Assert.That(await _publisher.Publish(Batch("demo", 3)));
        var message = _bus.Messages.Single();
        Assert.That(Devices(message.Body), Is.EqualTo(new[] { "demo-0", "demo-1", "demo-2" }));
        Assert.That(message.MessageId.Version, Is.EqualTo(7));
        Assert.That(_world.Segments, Is.Empty, "the disk has no part in it");
        Assert.That(EventCounts.Parse(message.Counts), Is.EqualTo(new EventCounts(_counts.Run, [])).Using<EventCounts>((a, b) => a.Run == b.Run));
        Assert.That(message.Counts, Does.EndWith($";demo,{Noon.ToUnixTimeSeconds() / 3600},3"));
    }

    [Test]
    public async Task Requests_that_arrive_while_one_is_on_its_way_share_a_message()
    {
        await Start(o => o.Publishers = 1);
        _bus.Hold();
        var first = _publisher.Publish(Batch("demo", 1));
        await _bus.Reached(1);
        var others = Enumerable.Range(0, 40).Select(i => _publisher.Publish(Batch(i % 2 == 0 ? "demo" : "shop", 2))).ToArray();
        _bus.LetGo();
        Assert.That(await Task.WhenAll([first, .. others]), Is.All.True);
        Assert.That(_bus.Messages, Has.Count.EqualTo(2));
        var shared = _bus.Messages.Last();
        Assert.That(Devices(shared.Body), Has.Count.EqualTo(80));
        Assert.That(EventCounts.Parse(shared.Counts).Rows.Select(r => (r.AppId, r.Events)), Is.EquivalentTo(new[] { ("demo", 40), ("shop", 40) }));
    }

    [Test]
    public async Task A_shared_message_stays_within_its_bounds()
    {
        await Start(o => (o.Publishers, o.AloneEvents, o.MessageEvents) = (1, 10, 30));
        _bus.Hold();
        var first = _publisher.Publish(Batch("demo", 1));
        await _bus.Reached(1);
        var others = Enumerable.Range(0, 20).Select(_ => _publisher.Publish(Batch("demo", 9))).ToArray();
        _bus.LetGo();
        Assert.That(await Task.WhenAll([first, .. others]), Is.All.True);
        Assert.That(_bus.Messages.Select(m => Devices(m.Body).Count), Is.All.LessThanOrEqualTo(30));
        Assert.That(_bus.Messages.Sum(m => Devices(m.Body).Count), Is.EqualTo(1 + (20 * 9)));
    }

    [Test]
    public async Task A_large_request_does_not_wait_for_the_small_ones()
    {
        await Start(o => o.Publishers = 1);
        _bus.Hold();
        var small = _publisher.Publish(Batch("demo", 1));
        await _bus.Reached(1);
        var large = _publisher.Publish(Batch("demo", 64));
        await _bus.Reached(2);
        _bus.LetGo();
        Assert.That(await Task.WhenAll(small, large), Is.All.True);
    }

    [Test]
    public async Task A_request_of_more_hours_than_a_flush_should_write_becomes_several_messages_each_with_its_own_count()
    {
        await Start();
        Assert.That(await _publisher.Publish(Batch("demo", 1000, hours: 450)));
        var messages = _bus.Messages.ToList();
        Assert.That(messages.Select(m => Hours(m.Body).Count), Is.EquivalentTo(new[] { 200, 200, 50 }));
        Assert.That(messages.SelectMany(m => Hours(m.Body)), Is.Unique, "no hour is in two of them");
        Assert.That(messages.SelectMany(m => Devices(m.Body)), Is.EquivalentTo(Enumerable.Range(0, 1000).Select(i => $"demo-{i}")));
        Assert.That(messages.Select(m => m.MessageId), Is.Unique);
        Assert.That(messages.Select(m => EventCounts.Parse(m.Counts).Rows.Single()), Is.EqualTo(messages.Select(m => new AppHourCount("demo", (int)(Noon.ToUnixTimeSeconds() / 3600), Devices(m.Body).Count))));
        Assert.That(_counts.TakeUnsaved().Single().Events, Is.EqualTo(1000));
    }

    [Test]
    public async Task A_request_of_more_bytes_than_a_message_should_hold_becomes_several_too()
    {
        await Start(o => o.MessageBytes = 2_000);
        var batch = Batch("demo", 1000, hours: 450);
        var bytes = batch.Events.Length;
        Assert.That(await _publisher.Publish(batch));
        var messages = _bus.Messages.ToList();
        Assert.That(messages.Select(m => m.Body.Length), Has.All.LessThanOrEqualTo(2_000));
        Assert.That(messages.Sum(m => m.Body.Length), Is.EqualTo(bytes));
        Assert.That(messages.Select(m => Hours(m.Body).Count), Has.All.LessThanOrEqualTo(200));
        Assert.That(messages.SelectMany(m => Devices(m.Body)), Is.EquivalentTo(Enumerable.Range(0, 1000).Select(i => $"demo-{i}")));
        Assert.That(_counts.TakeUnsaved().Single().Events, Is.EqualTo(1000));
    }

    [Test]
    public async Task A_request_that_became_several_messages_waits_for_the_last_of_them()
    {
        await Start();
        _bus.Hold();
        var request = _publisher.Publish(Batch("demo", 300, hours: 300));
        await _bus.Reached(2);
        Assert.That(request.IsCompleted, Is.False);
        _bus.LetGo();
        Assert.That(await request);
    }

    [Test]
    public async Task A_request_of_many_hours_is_refused_when_one_of_its_messages_is_not_durable_and_counted_as_far_as_it_is()
    {
        await Start(o => o.Spool.MinFreeBytes = NoRoom);
        _bus.FailFrom = 2;
        Assert.That(await _publisher.Publish(Batch("demo", 300, hours: 300)), Is.False);
        Assert.That(_counts.TakeUnsaved().Single().Events, Is.EqualTo(Devices(_bus.Messages.First().Body).Count));
    }

    [Test]
    public async Task A_request_of_many_hours_is_cut_for_the_spool_too()
    {
        await Start();
        _spool.Circuit.Raised("low on memory");
        Assert.That(await _publisher.Publish(Batch("demo", 300, hours: 300)));
        _spool.Circuit.Cleared();
        _bus.FailFrom = 1;
        Assert.That(await _publisher.Publish(Batch("shop", 300, hours: 300)));
        Assert.That(_world.Records.Select(r => (r.Counts.Rows.Single().AppId, Hours(r.Batch.ToArray()).Count)), Is.EquivalentTo(new[] { ("demo", 200), ("demo", 100), ("shop", 200), ("shop", 100) }));
        Assert.That(_world.Records.Select(r => r.MessageId), Is.Unique);
    }

    [Test]
    public async Task What_memory_has_no_room_for_is_cut_too()
    {
        await Start(o => o.WaitingBytes = 15_000);
        _bus.Hold();
        var slow = _publisher.Publish(Batch("demo", 400));
        await _bus.Reached(1);
        Assert.That(await _publisher.Publish(Batch("demo", 300, hours: 300)));
        Assert.That(_world.Records.Select(r => Hours(r.Batch.ToArray()).Count), Is.EquivalentTo(new[] { 200, 100 }));
        _bus.LetGo();
        Assert.That(await slow);
    }

    [Test]
    public async Task Requests_that_share_a_message_bring_no_more_hours_into_it_than_a_flush_should_write()
    {
        await Start(o => (o.Publishers, o.AloneEvents, o.MessageEvents, o.MessagePartitions) = (1, 10, 1000, 30));
        _bus.Hold();
        var first = _publisher.Publish(Batch("demo", 1));
        await _bus.Reached(1);
        var others = Enumerable.Range(0, 20).Select(i => _publisher.Publish(Batch($"app-{i}", 9, hours: 9))).ToArray();
        var same = Enumerable.Range(0, 20).Select(_ => _publisher.Publish(Batch("demo", 9, hours: 9))).ToArray();
        _bus.LetGo();
        Assert.That(await Task.WhenAll([first, .. others, .. same]), Is.All.True);
        var messages = _bus.Messages.Select(m => (Rows: EventCounts.Parse(m.Counts).Rows.Count, Events: Devices(m.Body).Count)).ToList();
        Assert.That(messages.Select(m => m.Rows), Is.All.LessThanOrEqualTo(3), "of nine hours each");
        Assert.That(messages.Max(m => m.Events), Is.GreaterThan(100), "hours that they have in common count once");
    }

    [Test]
    public async Task What_the_broker_does_not_confirm_is_durable_on_disk_under_the_same_id_and_run()
    {
        await Start();
        _bus.FailFrom = 1;
        Assert.That(await _publisher.Publish(Batch("demo", 3)));
        var (sent, spooled) = (_bus.Messages.Single(), _world.Records.Single());
        Assert.That((spooled.MessageId, spooled.Counts.ToString()), Is.EqualTo((sent.MessageId, sent.Counts)));
        Assert.That(spooled.Batch.ToArray(), Is.EqualTo(sent.Body));
    }

    [Test]
    public async Task Without_room_in_the_spool_a_failure_reaches_every_request_of_the_message_and_no_other()
    {
        await Start(o => (o.Publishers, o.Spool.MinFreeBytes) = (1, NoRoom));
        _bus.Hold();
        var first = _publisher.Publish(Batch("demo", 1));
        await _bus.Reached(1);
        _bus.FailFrom = 2;
        var doomed = Enumerable.Range(0, 10).Select(_ => _publisher.Publish(Batch("demo", 1))).ToArray();
        _bus.LetGo();
        Assert.That(await first);
        Assert.That(await Task.WhenAll(doomed), Is.All.False);
        _bus.FailFrom = int.MaxValue;
        Assert.That(await _publisher.Publish(Batch("demo", 1)), Is.False, "the broker is known to be away");
        _clock.PassSeconds(1);
        Assert.That(await _publisher.Publish(Batch("demo", 1)), "until one that is sent to find out is confirmed");
        Assert.That(await _publisher.Publish(Batch("demo", 1)));
    }

    [Test]
    public async Task Only_what_is_durable_is_counted()
    {
        await Start();
        await _publisher.Publish(Batch("demo", 3));
        _bus.FailFrom = 2;
        await _publisher.Publish(Batch("demo", 5));
        _world.Options.Spool.MinFreeBytes = NoRoom;
        await _publisher.Publish(Batch("demo", 7));
        Assert.That(_counts.TakeUnsaved().Single().Events, Is.EqualTo(8));
    }

    [Test]
    public async Task A_message_that_is_overdue_goes_to_the_spool_is_withdrawn_and_counted_once_though_it_was_confirmed_late()
    {
        await Start();
        _bus.Hold();
        Assert.That(await Overdue(_publisher.Publish(Batch("demo", 3))));
        Assert.That(() => _bus.Cancelled, Is.EqualTo(1).After(2000, 5));
        _bus.LetGo();
        Assert.That(_world.Records.Single().MessageId, Is.EqualTo(_bus.Messages.Single().MessageId));
        Assert.That(_counts.TakeUnsaved().Single().Events, Is.EqualTo(3));
    }

    [Test]
    public async Task A_message_that_neither_took_in_time_is_refused_and_counted_when_the_confirm_comes_late()
    {
        await Start(o => o.Spool.MinFreeBytes = NoRoom);
        _bus.Hold();
        Assert.That(await Overdue(_publisher.Publish(Batch("demo", 3))), Is.False);
        Assert.That(_counts.TakeUnsaved(), Is.Empty);
        _bus.LetGo();
        Assert.That(() => _counts.TakeUnsaved().Sum(t => t.Events), Is.EqualTo(3).After(2000, 5));
    }

    [Test]
    public async Task When_the_broker_hangs_nobody_after_the_first_waits_for_it()
    {
        await Start();
        _bus.Hold();
        await Overdue(_publisher.Publish(Batch("demo", 64)));
        Assert.That(await _publisher.Publish(Batch("demo", 1)), "small");
        Assert.That(await _publisher.Publish(Batch("demo", 64)), "large");
        Assert.That(_bus.Messages, Has.Count.EqualTo(1));
        Assert.That(_world.Records, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task What_waits_for_a_broker_that_hangs_is_spooled_with_the_first()
    {
        await Start(o => o.Publishers = 1);
        _bus.Hold();
        var first = _publisher.Publish(Batch("demo", 1));
        await _bus.Reached(1);
        var second = _publisher.Publish(Batch("demo", 1));
        Assert.That(await Overdue(first));
        Assert.That(await second);
        Assert.That(_bus.Messages, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_broker_that_is_blocked_by_an_alarm_is_sent_nothing_until_the_alarm_ends()
    {
        await Start();
        _spool.Circuit.Raised("low on memory");
        Assert.That(await _publisher.Publish(Batch("demo", 1)));
        Assert.That(_bus.Messages, Is.Empty);
        _spool.Circuit.Cleared();
        Assert.That(await _publisher.Publish(Batch("demo", 1)));
        Assert.That(_bus.Messages, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task More_than_memory_has_room_for_goes_to_disk_while_the_broker_is_slow()
    {
        await Start(o => o.WaitingBytes = 3000);
        _bus.Hold();
        var slow = _publisher.Publish(Batch("demo", 100));
        await _bus.Reached(1);
        Assert.That(await _publisher.Publish(Batch("demo", 100)));
        Assert.That((_bus.Messages.Count, _world.Records.Count), Is.EqualTo((1, 1)));
        _bus.LetGo();
        Assert.That(await slow);
        Assert.That(async () => (await _publisher.Publish(Batch("demo", 100)), _bus.Messages.Count), Is.EqualTo((true, 2)), "and what was confirmed has freed its memory");
    }

    [Test]
    public async Task A_request_that_was_given_up_frees_the_memory_that_it_held()
    {
        await Start(o => (o.WaitingBytes, o.Spool.MinFreeBytes) = (3000, NoRoom));
        _bus.Hold();
        Assert.That(await Overdue(_publisher.Publish(Batch("demo", 100))), Is.False);
        Assert.That(await _publisher.Publish(Batch("demo", 100)), Is.False, "there is no room for both");
        Assert.That(_bus.Messages, Has.Count.EqualTo(1));
        _clock.Pass(2 * Deadline);
        Assert.That(() => _bus.Cancelled, Is.EqualTo(1).After(2000, 5), "three deadlines later the message is given up");
        _bus.LetGo();
        Assert.That(async () => await _publisher.Publish(Batch("demo", 100)), Is.True.After(2000, 5));
    }

    [Test]
    public async Task Stopping_publishes_what_is_waiting()
    {
        await Start(o => o.Publishers = 1);
        _bus.Hold();
        var requests = Enumerable.Range(0, 5).Select(_ => _publisher.Publish(Batch("demo", 1))).ToArray();
        var stopped = _publisher.StopAsync(CancellationToken.None);
        _bus.LetGo();
        await stopped;
        Assert.That(await Task.WhenAll(requests), Is.All.True);
        Assert.That(await _publisher.Publish(Batch("demo", 1)), Is.False, "and takes no more");
    }

    private async Task Start(Action<IngestOptions>? change = null)
    {
        (_bus, _clock) = (new FakeBus(), new TestClock());
        _world = new SpoolWorld { Clock = _clock };
        change?.Invoke(_world.Options);
        _spool = await _world.Start();
        _counts = _spool.Counts;
        _publisher = new EventPublisher(_bus, _spool.Spool, _spool.Circuit, _counts, Options.Create(_world.Options), _clock,
            new IngestMetrics(_services.GetRequiredService<IMeterFactory>()), NullLogger<EventPublisher>.Instance);
        await _publisher.StartAsync(CancellationToken.None);
    }

    /// <summary>Lets the deadline of requests pass that are on their way. Each has two timers: its own deadline, and when its message is given up.</summary>
    private async Task<bool> Overdue(params Task<bool>[] requests)
    {
        await _clock.Armed(2 * requests.Length);
        _clock.Pass(Deadline);
        return (await Task.WhenAll(requests)).Any(durable => durable);
    }

    /// <summary>Events of one hour, or dealt out to several, one after another.</summary>
    private static CapturedBatch Batch(string app, int events, int hours = 1)
    {
        var batch = new EventBatchWriter(256);
        var noon = (int)(Noon.ToUnixTimeSeconds() / 3600);
        for (var i = 0; i < events; i++)
        {
            batch.Begin();
            batch.Text(EventColumn.AppId, Encoding.UTF8.GetBytes(app));
            batch.Text(EventColumn.DeviceId, Encoding.UTF8.GetBytes($"{app}-{i}"));
            batch.Number(EventColumn.TimestampMs, (noon - (i % hours)) * 3_600_000L);
            batch.Commit();
        }
        return new CapturedBatch(app, Noon, Enumerable.Range(0, Math.Min(hours, events)).Select(i => noon - i).ToHashSet(), batch);
    }

    private static HashSet<long> Hours(byte[] body)
    {
        var reader = new EventBatchReader();
        reader.Reset(body);
        var hours = new HashSet<long>();
        while (reader.Next(out var frame))
        {
            Assert.That(reader.Read(frame), Is.Null);
            hours.Add(reader.Number(EventColumn.TimestampMs) / 3_600_000);
        }
        return hours;
    }

    private static List<string> Devices(byte[] body)
    {
        var reader = new EventBatchReader();
        reader.Reset(body);
        var devices = new List<string>();
        while (reader.Next(out var frame))
        {
            Assert.That(reader.Read(frame), Is.Null);
            devices.Add(Encoding.UTF8.GetString(reader.Text(EventColumn.DeviceId)));
        }
        return devices;
    }

    private sealed record Sent(Guid MessageId, byte[] Body, string Counts);

    private sealed class FakeBus : IEventBus
    {
        private TaskCompletionSource _gate = Open();
        private int _reached;
        private int _cancelled;

        public ConcurrentQueue<Sent> Messages { get; } = new();
        public int FailFrom { get; set; } = int.MaxValue;
        public int Cancelled => Volatile.Read(ref _cancelled);

        public void Hold() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void LetGo() => _gate.TrySetResult();

        public async Task Reached(int messages)
        {
            while (Volatile.Read(ref _reached) < messages)
                await Task.Delay(1);
        }

        public async Task Publish(EventsAccepted message, Guid messageId, CancellationToken ct)
        {
            Messages.Enqueue(new Sent(messageId, message.Batch.ToArray(), message.Counts.ToString()));
            var number = Interlocked.Increment(ref _reached);
            try
            {
                await _gate.Task.WaitAsync(ct);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref _cancelled);
                throw;
            }
            if (number >= FailFrom)
                throw new InvalidOperationException("not confirmed");
        }

        private static TaskCompletionSource Open()
        {
            var gate = new TaskCompletionSource();
            gate.SetResult();
            return gate;
        }
    }
}
