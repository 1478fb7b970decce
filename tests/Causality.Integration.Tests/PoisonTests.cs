using System.Text;
using Causality.Contracts.Events;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests;

/// <summary>What cannot be stored is kept with its bytes and the reason, and takes no neighbor with it.</summary>
[TestFixture]
internal sealed class PoisonTests : OnRealServers
{
    private const long At = 1_780_000_000_000;
    private const int Hour = (int)(At / 3_600_000);

    private HostInside _host = null!;
    private RawBroker _broker = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start();
        _broker = await RawBroker.Open(World);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _broker.DisposeAsync();
        await _host.DisposeAsync();
    }

    private static IEnumerable<TestCaseData> Damage()
    {
        yield return Case("app_id that is no path", "app_id does not fit a path", w => w.Text(EventColumn.AppId, "../up"u8));
        yield return Case("text that is not UTF-8", "UserId is not UTF-8", w => w.Text(EventColumn.UserId, [0xC0, 0x80]));
        yield return Case("payload that is no object", "payload_json is not a JSON object", w => w.Text(EventColumn.PayloadJson, "[1]"u8));
        yield return Case("payload that is broken JSON", "payload_json is not a JSON object", w => w.Text(EventColumn.PayloadJson, "{\"a\":"u8));
        yield return Case("time after 9999", "timestamp_ms is not between 1970 and 9999", w => w.Number(EventColumn.TimestampMs, long.MaxValue));
        yield return Case("type with NUL", "event_type is missing, too long or contains NUL", w => w.Text(EventColumn.EventType, "a\0b"u8));
        static TestCaseData Case(string name, string reason, Action<EventBatchWriter> damage) => new TestCaseData(reason, damage).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Damage))]
    public async Task A_damaged_event_goes_dead_alone(string reason, Action<EventBatchWriter> damage)
    {
        var (first, last) = (Key(), Key());
        using var batch = new EventBatchWriter();
        Add(batch, first);
        var start = batch.Length;
        Add(batch, Key(), damage);
        var damaged = batch.Written[start..].ToArray();
        Add(batch, last);
        var (id, before) = (Guid.CreateVersion7(), await Outcomes());

        await _broker.Publish(batch.Written, id: id, contentType: EventsAccepted.ContentType, counts: Counts(3));

        Assert.That(await Eventually(() => Dead(id), Has.Count.EqualTo(1)), Is.EqualTo(new[] { (1L, reason, Convert.ToHexString(damaged)) }));
        await Eventually(() => World.Lake.Keys(World.App).Keys, Is.SupersetOf(new[] { first, last }));
        Assert.That(await Outcomes(), Is.EqualTo((before.Stored + 2, before.Dead + 1)));
    }

    [Test]
    public async Task What_follows_broken_framing_goes_dead_and_what_was_read_before_it_is_stored()
    {
        var key = Key();
        using var batch = new EventBatchWriter();
        Add(batch, key);
        byte[] body = [.. batch.Written.Span, 0x0A, 0xFF, 0xFF, 0xFF, 0x7F, 1, 2, 3];
        var (id, before) = (Guid.CreateVersion7(), await Outcomes());

        await _broker.Publish(body, id: id, contentType: EventsAccepted.ContentType, counts: Counts(3));

        var dead = (await Eventually(() => Dead(id), Has.Count.EqualTo(1)))[0];
        Assert.That((dead.Events, dead.Body), Is.EqualTo((2, Convert.ToHexString(body.AsSpan(batch.Length)))));
        Assert.That(dead.Reason, Is.EqualTo("The batch is broken."));
        await Eventually(() => World.Lake.Keys(World.App).Keys, Does.Contain(key));
        Assert.That(await Outcomes(), Is.EqualTo((before.Stored + 1, before.Dead + 2)));
    }

    [Test]
    public async Task A_message_without_id_is_stored_once_however_often_it_comes()
    {
        var (key, after) = (Key(), Key());
        using var batch = new EventBatchWriter();
        Add(batch, key);
        var inbox = await World.Count("select count(*) from sink_inbox");
        await _broker.Publish(batch.Written, contentType: EventsAccepted.ContentType, counts: Counts(1));
        await _broker.Publish(batch.Written, contentType: EventsAccepted.ContentType, counts: Counts(1));
        using var next = new EventBatchWriter();
        Add(next, after);
        await _broker.Publish(next.Written, contentType: EventsAccepted.ContentType, counts: Counts(1));

        await Eventually(() => World.Lake.Keys(World.App).Keys, Does.Contain(after));
        Assert.That(World.Lake.Keys(World.App)[key], Is.EqualTo(1));
        Assert.That(await World.Count("select count(*) from sink_inbox"), Is.EqualTo(inbox + 2));
    }

    [TestCase("application/json", """{"hello":"world"}""")]
    [TestCase("application/vnd.masstransit+json", """{"messageType":["urn:message:Somebody:Else"],"message":{}}""")]
    [TestCase("text/plain", "")]
    [TestCase("not a content type", "hello")]
    [TestCase(null, "hello")]
    public async Task A_message_that_is_none_of_ours_is_kept_and_not_lost(string? contentType, string body)
    {
        var id = Guid.CreateVersion7();
        await _broker.Publish(Encoding.UTF8.GetBytes(body), id: id, contentType: contentType);
        if (body.Length > 0)
            Assert.That((await Eventually(() => Dead(id), Has.Count.EqualTo(1)))[0].Body, Is.EqualTo(Convert.ToHexString(Encoding.UTF8.GetBytes(body))));
        else
            await Eventually(() => World.Count($"select count(*) from sink_inbox where message_id = '{id}'"), Is.EqualTo(1));
    }

    [TestCase("sh\0op,5,1")]
    [TestCase("\ud800,5,1")]
    [TestCase("shop,5")]
    [TestCase(",,;;")]
    public async Task Counts_that_make_no_sense_stop_nobody(string rows)
    {
        var (id, key) = (Guid.CreateVersion7(), Key());
        await _broker.Publish("garbage"u8.ToArray(), id: id, contentType: EventsAccepted.ContentType, counts: $"{Guid.CreateVersion7():N};{rows}");
        using var next = new EventBatchWriter();
        Add(next, key);
        await _broker.Publish(next.Written, id: Guid.CreateVersion7(), contentType: EventsAccepted.ContentType, counts: Counts(1));

        await Eventually(() => Dead(id), Has.Count.EqualTo(1));
        await Eventually(() => World.Lake.Keys(World.App).Keys, Does.Contain(key));
    }

    private static IEnumerable<TestCaseData> Oddities()
    {
        yield return Case("user_id with NUL", w => w.Text(EventColumn.UserId, "a\0b"u8));
        yield return Case("id of a megabyte", w => w.Text(EventColumn.Id, Noise(1_000_000)));
        yield return Case("category longer than an index takes", w => w.Text(EventColumn.EventCategory, Noise(6_000)));
        yield return Case("category longer than a stack", w => w.Text(EventColumn.EventCategory, Noise(4_000_000)));
        yield return Case("type of 1024 bytes and category of as many", w => { w.Text(EventColumn.EventType, Noise(1_024)); w.Text(EventColumn.EventCategory, Noise(1_024)); });
        yield return Case("received at the end of time", w => w.Number(EventColumn.ReceivedAtMs, long.MaxValue));
        yield return Case("received before all time", w => w.Number(EventColumn.ReceivedAtMs, long.MinValue));
        yield return Case("a screen wider than an int", w => w.Number(EventColumn.ScreenWidth, long.MaxValue));
        static TestCaseData Case(string name, Action<EventBatchWriter> change) => new TestCaseData(change).SetArgDisplayNames(name);
        static byte[] Noise(int length)
        {
            var random = new Random(length);
            return [.. Enumerable.Range(0, length).Select(_ => (byte)random.Next('!', '~'))];
        }
    }

    [TestCaseSource(nameof(Oddities))]
    public async Task Whatever_an_event_holds_its_neighbors_are_stored(Action<EventBatchWriter> change)
    {
        var (first, last) = (Key(), Key());
        using var batch = new EventBatchWriter();
        Add(batch, first);
        Add(batch, Key(), change);
        Add(batch, last);
        var before = await Outcomes();

        await _broker.Publish(batch.Written, id: Guid.CreateVersion7(), contentType: EventsAccepted.ContentType, counts: Counts(3));

        await Eventually(() => World.Lake.Keys(World.App).Keys, Is.SupersetOf(new[] { first, last }));
        var after = await Outcomes();
        Assert.That((after.Stored + after.Dead) - (before.Stored + before.Dead), Is.EqualTo(3));
    }

    [Test]
    public async Task A_message_of_more_hours_than_a_flush_may_have_is_stored_whole()
    {
        using var batch = new EventBatchWriter();
        var keys = Enumerable.Range(0, 1_500).Select(i => (Key: Key(), Hour: i % 300)).ToList();
        foreach (var (key, hour) in keys)
            Add(batch, key, w => w.Number(EventColumn.TimestampMs, At - (1_000L + hour) * 3_600_000));
        var before = await Outcomes();

        await _broker.Publish(batch.Written, id: Guid.CreateVersion7(), contentType: EventsAccepted.ContentType, counts: Counts(1_500));

        await Eventually(() => World.Lake.Keys(World.App).Keys.ToHashSet().IsSupersetOf(keys.Select(k => k.Key)), Is.True);
        Assert.That(World.Lake.Keys(World.App).Values, Has.All.EqualTo(1));
        Assert.That(await Outcomes(), Is.EqualTo((before.Stored + 1_500, before.Dead)));
        Assert.That(await World.Count($"select sum(rows) from lake_files where hour < {Hour - 900}"), Is.EqualTo(1_500));
    }

    [Test]
    public async Task A_dead_lettered_message_is_kept_once_and_one_that_was_stored_after_all_is_not()
    {
        var (dead, stored, key) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Key());
        using var batch = new EventBatchWriter();
        Add(batch, key);
        await _broker.Publish(batch.Written, id: stored, contentType: EventsAccepted.ContentType, counts: Counts(1));
        await Eventually(() => World.Lake.Keys(World.App).Keys, Does.Contain(key));
        var before = await Outcomes();

        foreach (var id in new[] { dead, stored, dead })
            await _broker.Publish("body"u8.ToArray(), exchange: "causality.sink.dead", id: id, contentType: EventsAccepted.ContentType, counts: Counts(4));

        await Eventually(() => _broker.Channel.MessageCountAsync("causality.sink.dead"), Is.Zero);
        Assert.That(await Eventually(() => Dead(dead), Is.Not.Empty), Is.EqualTo(new[] { (4L, "The broker gave the message up after its last delivery.", Convert.ToHexString("body"u8)) }));
        Assert.That(await Dead(stored), Is.Empty);
        Assert.That(await Outcomes(), Is.EqualTo((before.Stored, before.Dead + 4)));
    }

    [Test]
    public async Task What_the_broker_gives_up_delivering_reaches_the_table()
    {
        await using var world = await World.Open();
        await (await world.Start("sink")).Stop();   // it has declared the queues
        await using var broker = await RawBroker.Open(world);
        var id = Guid.CreateVersion7();
        await broker.Publish("too often"u8.ToArray(), id: id, contentType: EventsAccepted.ContentType, counts: Counts(2));
        // a consumer that dies each time it gets the message
        var deliveries = 0;
        await Eventually(async () =>
        {
            if (await broker.Channel.BasicGetAsync("causality.sink", autoAck: false) is { } message)
            {
                deliveries++;
                await broker.Channel.BasicNackAsync(message.DeliveryTag, multiple: false, requeue: true);
            }
            return await broker.Channel.MessageCountAsync("causality.sink.dead");
        }, Is.EqualTo(1));
        Assert.That(deliveries, Is.EqualTo(21));

        await world.Start("sink");
        await Eventually(() => world.Count($"select coalesce(sum(events), 0) from dead_letters where message_id = '{id}'"), Is.EqualTo(2));
    }

    private static string Key() => Guid.CreateVersion7().ToString("N");

    private static string Counts(int events) => new EventCounts(Guid.CreateVersion7(), [new AppHourCount(World.App, Hour, events)]).ToString();

    /// <summary>A value that is given twice is the last's, as protobuf has it: so a good event is damaged.</summary>
    private static void Add(EventBatchWriter batch, string key, Action<EventBatchWriter>? damage = null)
    {
        batch.Begin();
        batch.Text(EventColumn.AppId, Encoding.UTF8.GetBytes(World.App));
        batch.Text(EventColumn.Id, Encoding.UTF8.GetBytes(key));
        batch.Text(EventColumn.DeviceId, "device"u8);
        batch.Number(EventColumn.TimestampMs, At);
        batch.Number(EventColumn.ReceivedAtMs, At);
        batch.Text(EventColumn.IdempotencyKey, Encoding.UTF8.GetBytes(key));
        batch.Text(EventColumn.EventCategory, "custom"u8);
        batch.Text(EventColumn.EventType, "opened"u8);
        batch.Text(EventColumn.PayloadJson, "{}"u8);
        damage?.Invoke(batch);
        batch.Commit();
    }

    [Test]
    public async Task What_cannot_be_read_is_booked_to_the_apps_that_the_message_claims_it_of()
    {
        using var batch = new EventBatchWriter();
        Add(batch, Key());
        var (id, hour, other) = (Guid.CreateVersion7(), Hour, $"other-{Guid.CreateVersion7():N}");
        var counts = new EventCounts(Guid.CreateVersion7(), [new(World.App, hour, 1), new(other, hour, 3)]);

        await _broker.Publish((byte[])[.. batch.Written.Span, 0x0A, 0xFF], id: id, contentType: EventsAccepted.ContentType, counts: counts.ToString());

        await Eventually(() => Dead(id), Has.Count.EqualTo(1));
        Assert.That(await World.Count($"select coalesce(sum(dead), 0) from pipeline_outcomes where app_id = '{other}'"), Is.EqualTo(3));
        Assert.That(await World.Count($"select coalesce(sum(events), 0) from pipeline_arrived where run_id = '{counts.Run}'"), Is.EqualTo(4));
    }

    private async Task<List<(long Events, string Reason, string Body)>> Dead(Guid message)
    {
        await using var select = World.Database.CreateCommand($"select events, reason, body from dead_letters where message_id = '{message}'");
        await using var reader = await select.ExecuteReaderAsync();
        var letters = new List<(long, string, string)>();
        while (await reader.ReadAsync())
            letters.Add((reader.GetInt64(0), reader.GetString(1), Convert.ToHexString((byte[])reader[2])));
        return letters;
    }

    private async Task<(long Stored, long Dead)> Outcomes() =>
        (await World.Count("select coalesce(sum(stored), 0) from pipeline_outcomes"), await World.Count("select coalesce(sum(dead), 0) from pipeline_outcomes"));
}
