using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Causality.Contracts;
using Causality.Contracts.Events;
using Causality.Sink;
using Causality.Sink.DeadLetters;
using Causality.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.DeadLetters;

/// <summary>What could not be stored is seen, sent again or given up, and the books balance at every step.</summary>
[TestFixture]
internal sealed class DeadLetterTests : OnRealServers
{
    private const long At = 1_780_000_000_000;
    private const string Routes = "/api/v1/operations/dead-letters", GivenUp = "The broker gave the message up after its last delivery.", NotUtf8 = "UserId is not UTF-8";

    private readonly FailPoint _failPoint = new();
    private HostInside _host = null!;
    private RawBroker _broker = null!;
    private string _app = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start(also: services =>
        {
            services.AddSingleton<IFailPoint>(_failPoint);
            services.Configure<SinkOptions>(sink => sink.DeadLetterAlertDepth = 1);
        });
        await _host.Client.SignIn();
        _broker = await RawBroker.Open(World);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _broker.DisposeAsync();
        await _host.DisposeAsync();
    }

    [SetUp]
    public async Task An_app_of_its_own() => await _host.AddApp(_app = $"app-{Guid.CreateVersion7():N}");

    [Test]
    public async Task A_message_that_the_broker_gave_up_is_replayed_and_stored_exactly_once()
    {
        var keys = await GiveUp(3);
        var letter = (await Letters()).Single();
        Assert.That((letter.GetProperty("reason").GetString(), letter.GetProperty("events").GetInt64(), letter.GetProperty("state").GetString()), Is.EqualTo((GivenUp, 3, "open")));
        Assert.That(letter.GetProperty("preview").EnumerateArray().Select(e => e.GetProperty("idempotency_key").GetString()), Is.EqualTo(keys));
        Assert.That(letter.GetProperty("preview")[0].GetProperty("payload").GetProperty("n").GetInt64(), Is.EqualTo(1));
        Assert.That(await Ledger(), Is.EqualTo(new Figures(3, Dead: 3)));
        Figures? between = null;
        _failPoint.Arm(ReplayStep.Decided, () => between = Ledger().GetAwaiter().GetResult());

        Assert.That(await Decide("replay", new { ids = new[] { letter.GetProperty("id").GetGuid() }, app_id = _app }), Is.EqualTo("""{"replayed":1,"events":3}"""));

        Assert.That((between!.Dead, between.InFlight + between.Stored, between.Balanced), Is.EqualTo((0, 3, true)), "on their way again");
        await Eventually(Ledger, Is.EqualTo(new Figures(3, Stored: 3)));
        Assert.That(Stored(), Is.EqualTo(keys.ToDictionary(key => key, _ => 1L)));
        Assert.That(await Decide("replay", new { reason = GivenUp, app_id = _app }), Is.EqualTo("""{"replayed":0,"events":0}"""));
        var replayed = await Letter(letter);
        Assert.That((replayed.GetProperty("state").GetString(), replayed.GetProperty("resolved_by").GetString(), replayed.GetProperty("bytes").GetInt64()), Is.EqualTo(("replayed", World.Email, 0)));
    }

    [TestCase(ReplayStep.Decided)]
    [TestCase(ReplayStep.Sent)]
    public async Task A_replay_that_dies_between_is_finished_and_stored_once(ReplayStep step)
    {
        var keys = await GiveUp(2);
        _failPoint.Arm(step, () => throw new IOException($"the test stops the replay at {step}"));
        using var answer = await _host.Client.Http.PostAsJsonAsync($"{Routes}/replay", new { reason = GivenUp, app_id = _app });
        await Eventually(Ledger, Is.EqualTo(new Figures(2, Stored: 2)));
        // a second copy, as of a host that died before it wrote down that the first was sent
        var id = (Guid)(await World.Scalar($"select replayed_message_id from dead_letters where app_id = '{_app}'"))!;
        await _broker.Publish(Batch(keys), id: id, contentType: EventsAccepted.ContentType, counts: Counts(2));
        await Damage(1);
        Assert.That((_failPoint.Failed, await Ledger()), Is.EqualTo((true, new Figures(5, Stored: 4, Dead: 1))));
        Assert.That(Stored().Keys, Is.SupersetOf(keys));
        Assert.That(Stored().Values, Has.All.EqualTo(1));
    }

    [Test]
    public async Task A_damaged_event_stays_damaged_and_a_replay_of_it_ends_in_a_letter_of_its_own()
    {
        var keys = await Damage(1);
        var first = (await Letters()).Single();
        Assert.That((first.GetProperty("reason").GetString(), first.GetProperty("preview")[0].GetProperty("damage").GetString()), Is.EqualTo((NotUtf8, NotUtf8)));
        Assert.That(first.GetProperty("preview")[0].GetProperty("app_id").GetString(), Is.EqualTo(_app), "what came before the damage");
        var body = await _host.Client.Http.GetByteArrayAsync($"{Routes}/letters/{first.GetProperty("id")}/body?app_id={_app}");
        Assert.That(await Ledger(), Is.EqualTo(new Figures(3, Stored: 2, Dead: 1)));

        Assert.That(await Decide("replay", new { reason = NotUtf8, app_id = _app }), Is.EqualTo("""{"replayed":1,"events":1}"""));

        var second = (await Eventually(Letters, Has.Count.EqualTo(1).And.Some.Matches<JsonElement>(l => l.TryGetProperty("replay_of", out _)))).Single();
        Assert.That((second.GetProperty("replay_of").GetGuid(), second.GetProperty("reason").GetString()), Is.EqualTo((first.GetProperty("id").GetGuid(), NotUtf8)));
        Assert.That(second.GetProperty("message_id").GetGuid(), Is.EqualTo((await Letter(first)).GetProperty("replayed_message_id").GetGuid()));
        Assert.That(await _host.Client.Http.GetByteArrayAsync($"{Routes}/letters/{second.GetProperty("id")}/body?app_id={_app}"), Is.EqualTo(body));
        Assert.That(await Ledger(), Is.EqualTo(new Figures(3, Stored: 2, Dead: 1)), "as before");
        Assert.That(Stored().Keys, Is.EquivalentTo(keys));
        var group = (await _host.Client.Get($"{Routes}?app_id={_app}")).GetProperty("groups").EnumerateArray().Single();
        Assert.That(group.GetProperty("states").ToString(), Is.EqualTo("""{"open":1,"replayed":1,"discarded":0}"""));
    }

    [Test]
    public async Task What_was_sent_again_while_it_lay_dead_is_a_duplicate_however_long_ago()
    {
        var keys = await GiveUp(2);
        await _broker.Publish(Batch(keys.Take(1)), id: Guid.CreateVersion7(), contentType: EventsAccepted.ContentType, counts: Counts(1));
        await Eventually(Ledger, Is.EqualTo(new Figures(3, Stored: 1, Dead: 2)));
        await World.Execute("truncate event_keys");   // the window has passed

        await Decide("replay", new { reason = GivenUp, app_id = _app });

        await Eventually(Ledger, Is.EqualTo(new Figures(3, Stored: 2, Duplicates: 1)));
        await Eventually(Stored, Is.EqualTo(keys.ToDictionary(key => key, _ => 1L)));
    }

    [Test]
    public async Task A_discard_moves_the_books_and_removes_the_bytes()
    {
        await GiveUp(4);
        var letter = (await Letters()).Single();
        Assert.That(await Decide("discard", new { ids = new[] { letter.GetProperty("id").GetGuid() }, app_id = _app }), Is.EqualTo("""{"discarded":1,"events":4}"""));
        Assert.That(await Ledger(), Is.EqualTo(new Figures(4, Discarded: 4)));
        Assert.That(await Letters(), Is.Empty);
        Assert.That((await Letter(letter)).GetProperty("state").GetString(), Is.EqualTo("discarded"));
        Assert.That(await _host.Client.Status($"{Routes}/letters/{letter.GetProperty("id")}/body?app_id={_app}"), Is.EqualTo(HttpStatusCode.Gone));
        Assert.That(await Decide("replay", new { ids = new[] { letter.GetProperty("id").GetGuid() }, app_id = _app }), Is.EqualTo("""{"replayed":0,"events":0}"""));
        Assert.That(await World.Count($"select count(*) from audit_log where action = 'dead-letters-discarded' and subject = 'dead-letters/{_app}' and organization_id is not null"), Is.EqualTo(1));
    }

    [Test]
    public async Task All_letters_with_a_reason_are_decided_on_together_and_others_are_left()
    {
        for (var i = 0; i < 3; i++)
            await Damage(2);
        await GiveUp(1);
        await Eventually(Letters, Has.Count.EqualTo(7));
        Assert.That(await Decide("replay", new { reason = NotUtf8, app_id = _app }), Is.EqualTo("""{"replayed":6,"events":6}"""), "those that die again meanwhile are left alone");
        await Eventually(Letters, Has.Count.EqualTo(7));
        Assert.That(await Decide("discard", new { reason = NotUtf8, app_id = _app }), Is.EqualTo("""{"discarded":6,"events":6}"""));
        Assert.That((await Letters()).Select(l => l.GetProperty("reason").GetString()), Is.EqualTo(new[] { GivenUp }));
        Assert.That(await Ledger(), Is.EqualTo(new Figures(13, Stored: 6, Dead: 1, Discarded: 6)));
    }

    [TestCase("replay", 0)]
    [TestCase("discard", 2)]
    public async Task A_decision_on_what_was_seen_leaves_what_came_since(string decision, int hoursFromUtc)
    {
        await GiveUp(2);
        var seen = (await _host.Client.Get($"{Routes}?app_id={_app}")).GetProperty("as_of").GetDateTimeOffset();
        await GiveUp(3);
        Assert.That(await Decide(decision, new { reason = GivenUp, app_id = _app, before = seen.ToOffset(TimeSpan.FromHours(hoursFromUtc)) }), Does.EndWith(":1,\"events\":2}"));
        Assert.That((await Letters()).Select(l => l.GetProperty("events").GetInt64()), Is.EqualTo(new[] { 3 }));
        Assert.That(await Decide("discard", new { reason = GivenUp, app_id = _app, before = DateTimeOffset.UtcNow.AddDays(1) }), Is.EqualTo("""{"discarded":1,"events":3}"""), "a moment to come is now");
        Assert.That(await World.Scalar($"select changes::text from audit_log where subject = 'dead-letters/{_app}' order by id limit 1"), Does.Contain("\"before\""));
    }

    [Test]
    public async Task Letters_are_read_on_from_page_to_page_the_newest_first()
    {
        for (var i = 0; i < 3; i++)
            await Damage(1);
        var (seen, next) = (new List<Guid>(), "");
        while (next is not null)
        {
            var page = await _host.Client.Get($"{Routes}/letters?app_id={_app}&limit=2&before={next}");
            seen.AddRange(page.GetProperty("letters").EnumerateArray().Select(l => l.GetProperty("id").GetGuid()));
            next = page.TryGetProperty("next", out var cursor) ? cursor.GetString() : null;
        }
        Assert.That(seen, Has.Count.EqualTo(3).And.Unique);
        Assert.That(seen.Select(id => id.ToString()), Is.Ordered.Descending);
    }

    [Test]
    public async Task An_apps_admin_decides_on_its_letters_and_only_an_administrator_on_all()
    {
        var admin = await Organizations.Person.Make(World);
        var team = await Organizations.Team.Found(_host, "Bakery", admin);
        await GiveUp(1);
        var (own, foreign) = (_app, (await Letters()).Single().GetProperty("id").GetGuid());
        await _host.AddApp(_app = $"app-{Guid.CreateVersion7():N}", team.Id);
        await GiveUp(1);
        using var http = await admin.SignIn(_host);
        async Task<HttpStatusCode> Discard(object selection)
        {
            using var answer = await http.PostAsJsonAsync($"{Routes}/discard", selection);
            return answer.StatusCode;
        }
        async Task<HttpStatusCode> Get(string path)
        {
            using var answer = await http.GetAsync(path);
            return answer.StatusCode;
        }
        Assert.That((await Get(Routes), await Get($"{Routes}?app_id={own}"), await Get($"{Routes}?app_id={_app}")), Is.EqualTo((HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.OK)));
        Assert.That(await Get($"{Routes}/letters/{foreign}?app_id={_app}"), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await Discard(new { reason = GivenUp }), await Discard(new { ids = new[] { foreign } })), Is.EqualTo((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)));
        Assert.That(await Discard(new { ids = new[] { foreign }, app_id = _app }), Is.EqualTo(HttpStatusCode.OK), "and it is passed over");
        Assert.That(await World.Count($"select count(*) from dead_letters where id = '{foreign}' and state = 'open'"), Is.EqualTo(1));
        Assert.That(await Discard(new { reason = GivenUp, app_id = _app }), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await Ledger(own), Is.EqualTo(new Figures(1, Dead: 1)));
        Assert.That((await _host.Client.Get(Routes)).GetProperty("groups").EnumerateArray().Select(g => g.TryGetProperty("app_id", out var app) ? app.GetString() : null), Is.SupersetOf(new[] { own, _app }));
    }

    [TestCase("""{}""", "ids")]
    [TestCase("""{"ids":[],"app_id":"shop"}""", "ids")]
    [TestCase("""{"ids":["0198f3d8-0000-7000-8000-000000000000"],"reason":"x"}""", "ids")]
    [TestCase("""{"reason":""}""", "reason")]
    public async Task A_selection_that_selects_nothing_is_refused_by_field(string json, string field)
    {
        using var answer = await _host.Client.Http.PostAsync($"{Routes}/replay", new StringContent(json, Encoding.UTF8, "application/json"));
        Assert.That((answer.StatusCode, await answer.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.BadRequest, await answer.Content.ReadAsStringAsync())));
        Assert.That((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty(field, out _), Is.True);
    }

    [TestCase("state=dead")]
    [TestCase("limit=0")]
    [TestCase("before=x")]
    public async Task A_filter_that_cannot_be_read_is_refused_with_words(string filter)
    {
        using var answer = await _host.Client.Http.GetAsync($"{Routes}/letters?{filter}");
        Assert.That((answer.StatusCode, await answer.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.BadRequest, await answer.Content.ReadAsStringAsync())));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("dead-letter-filter-invalid").And.Contain(filter.Split('=')[0]));
    }

    [Test]
    public async Task Too_many_are_told_by_ready_and_by_the_metric_and_the_host_stays_ready()
    {
        await GiveUp(2);
        await _host.Services.GetServices<IHostedService>().OfType<WatchDeadLetters>().Single().Count(CancellationToken.None);
        var ready = await _host.Client.Get("/ready");
        Assert.That(ready.GetProperty("checks").GetProperty("dead letters").GetString(), Does.Match("^[0-9]+ dead events wait .* more than 1$"));
        Assert.That(await _host.Client.Http.GetStringAsync("/metrics"), Does.Match("(?m)^causality_sink_dead_letters_open(\\{.*\\})? ([2-9]|[0-9]{2,})"));
    }

    [Test]
    public async Task MassTransit_puts_nothing_aside_in_queues_of_its_own()
    {
        foreach (var type in new[] { null, "application/json", "application/vnd.masstransit+json", "not a type", EventsAccepted.ContentType })
        {
            var id = Guid.CreateVersion7();
            await _broker.Publish("""{"messageType":["urn:message:Somebody:Else"]}"""u8.ToArray(), id: id, contentType: type);
            await Eventually(() => World.Count($"select count(*) from dead_letters where message_id = '{id}'"), Is.EqualTo(1));
        }
        var queues = (await TestServers.RabbitMqCtl("list_queues", "-p", World.VirtualHost, "--no-table-headers", "name")).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.That(queues, Is.SupersetOf(new[] { "causality.sink", "causality.sink.dead" }));
        Assert.That(queues.Where(queue => queue.Contains("_error", StringComparison.Ordinal) || queue.Contains("_skipped", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task A_queue_that_does_not_dead_letter_at_least_once_is_found_at_the_start()
    {
        await using var world = await World.Open();
        await using var broker = await RawBroker.Open(world);
        await broker.Channel.QueueDeclareAsync("causality.sink", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>
        {
            ["x-queue-type"] = "quorum", ["x-delivery-limit"] = 20, ["x-dead-letter-exchange"] = "causality.sink.dead", ["x-overflow"] = "reject-publish",
        });
        var host = await world.Start("sink", ready: false);
        async Task<string> Ready()
        {
            using var answer = await host.Client.Http.GetAsync("/ready");
            return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
        }
        await Eventually(Ready, Does.StartWith("503").And.Contain("x-dead-letter-strategy").And.Contain("delete it"));
        await broker.Channel.QueueDeleteAsync("causality.sink", ifUnused: false, ifEmpty: false);
        await Eventually(Ready, Does.StartWith("200").And.Not.Contain("queues"), TimeSpan.FromSeconds(40));
    }

    /// <summary>A message with so many good events, as the broker gives it up; answers their keys.</summary>
    private async Task<List<string>> GiveUp(int events)
    {
        var (id, keys) = (Guid.CreateVersion7(), Enumerable.Range(0, events).Select(_ => Guid.CreateVersion7().ToString("N")).ToList());
        await _broker.Publish(Batch(keys), exchange: "causality.sink.dead", id: id, contentType: EventsAccepted.ContentType, counts: Counts(events));
        await Eventually(() => World.Count($"select count(*) from dead_letters where message_id = '{id}'"), Is.EqualTo(1));
        return keys;
    }

    /// <summary>A message with so many damaged events between two good ones; answers the keys of those.</summary>
    private async Task<List<string>> Damage(int events)
    {
        var (id, keys) = (Guid.CreateVersion7(), new[] { Guid.CreateVersion7().ToString("N"), Guid.CreateVersion7().ToString("N") }.ToList());
        using var batch = new EventBatchWriter();
        Add(batch, keys[0]);
        for (var i = 0; i < events; i++)
            Add(batch, Guid.CreateVersion7().ToString("N"), w => w.Text(EventColumn.UserId, [0xC0, 0x80]));
        Add(batch, keys[1]);
        await _broker.Publish(batch.Written, id: id, contentType: EventsAccepted.ContentType, counts: Counts(events + 2));
        await Eventually(() => World.Count($"select count(*) from dead_letters where message_id = '{id}'"), Is.EqualTo(events));
        await Eventually(() => Stored().Keys, Is.SupersetOf(keys));
        return keys;
    }

    private byte[] Batch(IEnumerable<string> keys)
    {
        using var batch = new EventBatchWriter();
        foreach (var key in keys)
            Add(batch, key);
        return batch.Written.ToArray();
    }

    private void Add(EventBatchWriter batch, string key, Action<EventBatchWriter>? damage = null)
    {
        batch.Begin();
        batch.Text(EventColumn.AppId, Encoding.UTF8.GetBytes(_app));
        batch.Text(EventColumn.DeviceId, "device"u8);
        batch.Number(EventColumn.TimestampMs, At);
        batch.Number(EventColumn.ReceivedAtMs, At);
        batch.Text(EventColumn.IdempotencyKey, Encoding.UTF8.GetBytes(key));
        batch.Text(EventColumn.EventCategory, "custom"u8);
        batch.Text(EventColumn.EventType, "opened"u8);
        batch.Text(EventColumn.PayloadJson, "{\"n\":1}"u8);
        damage?.Invoke(batch);
        batch.Commit();
    }

    private string Counts(int events) => new EventCounts(Guid.CreateVersion7(), [new AppHourCount(_app, (int)(At / 3_600_000), events)]).ToString();

    private async Task<List<JsonElement>> Letters() => [.. (await _host.Client.Get($"{Routes}/letters?app_id={_app}")).GetProperty("letters").EnumerateArray()];

    private Task<JsonElement> Letter(JsonElement letter) => _host.Client.Get($"{Routes}/letters/{letter.GetProperty("id")}?app_id={_app}");

    private async Task<string> Decide(string decision, object selection)
    {
        using var answer = await _host.Client.Http.PostAsJsonAsync($"{Routes}/{decision}", selection);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), text);
        return text;
    }

    private IReadOnlyDictionary<string, long> Stored() => World.Lake.Keys(_app);

    private Task<Figures> Ledger() => Ledger(_app);

    private async Task<Figures> Ledger(string app)
    {
        var books = await _host.Client.Get($"/api/v1/pipeline/ledger?app_id={app}");
        long Figure(string name) => books.GetProperty(name).GetInt64();
        var figures = new Figures(Figure("accepted"), Figure("stored"), Figure("duplicates"), Figure("dead"), Figure("discarded"), Figure("in_flight"));
        Assert.That(figures.Balanced, Is.True, books.ToString());
        return figures;
    }

    private sealed record Figures(long Accepted, long Stored = 0, long Duplicates = 0, long Dead = 0, long Discarded = 0, long InFlight = 0)
    {
        public bool Balanced => Accepted == Stored + Duplicates + Dead + Discarded + InFlight;
    }

    /// <summary>Does once, at one step, what it was told.</summary>
    private sealed class FailPoint : IFailPoint
    {
        private Enum? _step;
        private Action? _act;

        public bool Failed => _act is null;

        public void Arm(ReplayStep step, Action act) => (_step, _act) = (step, act);

        public void At(Enum step)
        {
            if (step.Equals(_step) && Interlocked.Exchange(ref _act, null) is { } act)
                act();
        }
    }
}
