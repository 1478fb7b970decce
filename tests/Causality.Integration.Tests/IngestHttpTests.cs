using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Causality.Contracts.Events.V1;
using Causality.Ingest.ApiKeys;
using Google.Protobuf;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests;

/// <summary>What clients in the field send and are answered, from the socket to the file.</summary>
[TestFixture]
internal sealed class IngestHttpTests : OnRealServers
{
    private const long At = 1_780_000_000_000;

    private HostInside _host = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [TestCase("/v1/events/ingest")]
    [TestCase("/api/v1/events/ingest")]
    public async Task A_single_event_is_answered_with_its_id_and_stored(string path)
    {
        var key = Key();
        using var answer = await _host.Client.Post(path, $$"""{"event":{"id":"id-{{key}}","deviceId":"d","timestampMs":"{{At}}","idempotencyKey":"{{key}}","appStart":{} } }""");
        Assert.That(await Read(answer), Is.EqualTo((HttpStatusCode.OK, $$"""{"eventId":"id-{{key}}","status":"accepted"}""")));
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/json"));
        await Stored(key);
    }

    [TestCase("/v1/events/batch")]
    [TestCase("/api/v1/events/batch")]
    public async Task A_batch_is_answered_event_by_event_and_a_bad_one_fails_alone(string path)
    {
        var key = Key();
        using var answer = await _host.Client.Post(path, $$"""
            {"events":[{"id":"1-{{key}}","device_id":"d","timestamp_ms":{{At}},"idempotency_key":"{{key}}","app_start":{} },
                       {"id":"2","deviceId":"d","timestampMs":0,"appStart":{} },
                       {"id":"3","appId":"another","deviceId":"d","timestampMs":{{At}},"appStart":{} }]}
            """);
        var (status, body) = await Read(answer);
        var json = JsonDocument.Parse(body).RootElement;
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((json.GetProperty("acceptedCount").GetInt32(), json.GetProperty("rejectedCount").GetInt32()), Is.EqualTo((1, 2)));
        Assert.That(json.GetProperty("results")[0].GetRawText(), Is.EqualTo($$"""{"eventId":"1-{{key}}","status":"accepted"}"""));
        Assert.That(json.GetProperty("results")[1].GetProperty("error").GetString(), Does.Contain("timestamp_ms"));
        Assert.That(json.GetProperty("results")[2].GetProperty("error").GetString(), Does.Contain("app_id"));
        Assert.That(json.GetProperty("results").EnumerateArray().SelectMany(r => r.EnumerateObject().Select(p => p.Name)).Distinct(), Is.SubsetOf(new[] { "index", "eventId", "status", "error" }));
        await Stored(key);
    }

    [TestCase("application/x-protobuf")]
    [TestCase("application/octet-stream; charset=binary")]
    public async Task Binary_is_answered_in_binary(string contentType)
    {
        var key = Key();
        var envelope = new EventEnvelope { Id = key, DeviceId = "d", TimestampMs = At, IdempotencyKey = key, AppStart = new AppStart() };
        using var batch = await _host.Client.Post("/v1/events/batch", new IngestEventBatchRequest { Events = { envelope, new EventEnvelope() } }.ToByteArray(), contentType);
        using var single = await _host.Client.Post("/v1/events/ingest", new IngestEventRequest { Event = envelope }.ToByteArray(), contentType);

        Assert.That(batch.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/x-protobuf"));
        var verdicts = IngestEventBatchResponse.Parser.ParseFrom(await batch.Content.ReadAsByteArrayAsync());
        Assert.That((verdicts.AcceptedCount, verdicts.RejectedCount, verdicts.Results[0].EventId, verdicts.Results[1].Status), Is.EqualTo((1, 1, key, "rejected")));
        var verdict = IngestEventResponse.Parser.ParseFrom(await single.Content.ReadAsByteArrayAsync());
        Assert.That((verdict.EventId, verdict.Status), Is.EqualTo((key, "accepted")));
        await Stored(key);
    }

    [Test]
    public async Task Flat_events_of_web_pages_are_taken_single_and_in_batches()
    {
        var (one, two) = ("flat_" + Key(), "flat_" + Key());
        using var single = await _host.Client.Post("/api/v1/track", $$"""{"event_type":"{{one}}","user_id":"u-1","properties":{"plan":"pro"},"url":"https://shop.example/a?b=1","timestamp":"2026-05-28T20:26:40Z"}""");
        using var batch = await _host.Client.Post("/api/v1/track/batch", $$"""{"events":[{"event_type":"{{two}}","user_id":"u-1","properties":{"plan":"pro"} }]}""");
        Assert.That((single.StatusCode, batch.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
        var row = (await Eventually(() => World.Lake.Query($"SELECT user_id, path, payload_json, timestamp_ms FROM {World.Lake.Events} WHERE event_type = '{one}'"), Has.Count.EqualTo(1)))[0];
        Assert.That(row, Is.EqualTo(new object[] { "u-1", "/a", """{"plan":"pro"}""", At }));
        await Eventually(() => World.Lake.Query($"SELECT 1 FROM {World.Lake.Events} WHERE event_type = '{two}'"), Has.Count.EqualTo(1));
    }

    [TestCase("gzip")]
    [TestCase("br")]
    public async Task A_compressed_body_is_stored_and_one_that_is_cut_off_is_refused(string encoding)
    {
        var key = Key();
        using var packed = new MemoryStream();
        await using (Stream stream = encoding == "gzip" ? new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true) : new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await stream.WriteAsync(Encoding.UTF8.GetBytes($$"""{"events":[{"deviceId":"d","timestampMs":{{At}},"idempotencyKey":"{{key}}","appStart":{} }]}"""));
        var body = packed.ToArray();

        using var whole = await _host.Client.Post("/v1/events/batch", body, "application/json", also: r => r.Content!.Headers.ContentEncoding.Add(encoding));
        using var cut = await _host.Client.Post("/v1/events/batch", body[..^5], "application/json", also: r => r.Content!.Headers.ContentEncoding.Add(encoding));

        Assert.That((whole.StatusCode, cut.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.BadRequest)));
        await Stored(key);
    }

    [TestCase("")]
    [TestCase("{")]
    [TestCase("{\"events\":[]}")]
    [TestCase("nonsense")]
    public async Task A_body_that_cannot_be_read_is_answered_with_violations(string body)
    {
        using var answer = await _host.Client.Post("/v1/events/batch", body);
        var (status, text) = await Read(answer);
        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(JsonDocument.Parse(text).RootElement.GetProperty("violations")[0].GetProperty("description").GetString(), Is.Not.Empty);
    }

    [TestCase(null, "missing API key")]
    [TestCase("nonsense", "invalid API key")]
    [TestCase("1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "invalid API key")]
    public async Task Without_a_valid_key_nothing_is_taken(string? key, string error)
    {
        using var answer = await _host.Client.Post("/v1/events/batch", "{}", key);
        Assert.That(await Read(answer), Is.EqualTo((HttpStatusCode.Unauthorized, $$"""{"error":"{{error}}"}""")));
    }

    [TestCase("/api/v1/track", """{"api_key":"KEY","event_type":"left","anonymous_id":"v","properties":{"n":1}}""")]
    [TestCase("/api/v1/track/batch", """{"events":[{"event_type":"left","anonymous_id":"v","properties":{"n":1}}],"api_key":"KEY"}""")]
    public async Task A_beacon_may_carry_the_key_in_its_body_and_nowhere_else_is_it_kept(string path, string body)
    {
        var type = "left" + Key()[^8..];
        using var answer = await _host.Client.Post(path, Encoding.UTF8.GetBytes(body.Replace("KEY", World.Key, StringComparison.Ordinal).Replace("left", type, StringComparison.Ordinal)), "text/plain", key: null);
        Assert.That((await Read(answer)).Item2, Does.Contain("\"status\":\"accepted\""));
        await Eventually(() => World.Lake.Query($"SELECT payload_json FROM {World.Lake.Events} WHERE event_type = '{type}'").Select(row => row[0]), Is.EqualTo(new[] { """{"n":1}""" }));
    }

    [TestCase("/v1/events/ingest")]
    [TestCase("/api/v1/events/batch")]
    [TestCase("/api/v1/track")]
    public async Task A_preflight_is_answered_before_the_key_is_asked_for(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, path) { Headers = { { "Origin", "https://shop.example" }, { "Access-Control-Request-Method", "POST" } } };
        using var answer = await _host.Client.Http.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(answer.Headers.GetValues("Access-Control-Max-Age").Single(), Is.EqualTo("86400"));
        Assert.That(answer.Headers.GetValues("Access-Control-Allow-Headers").Single(), Does.Contain("X-API-Key"));
        Assert.That(answer.Headers.GetValues("Access-Control-Allow-Origin").Single(), Is.EqualTo("*"));
    }

    [TestCase("/v1/events/batch")]
    [TestCase("/health")]
    [TestCase("/api/v1/auth/me")]
    [TestCase("/nowhere")]
    public async Task A_request_id_comes_back_or_is_made(string path)
    {
        using var named = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-Request-ID", "abc-1" } } };
        using var nameless = new HttpRequestMessage(HttpMethod.Get, path);
        using var echoed = await _host.Client.Http.SendAsync(named);
        using var made = await _host.Client.Http.SendAsync(nameless);
        Assert.That(echoed.Headers.GetValues("X-Request-ID").Single(), Is.EqualTo("abc-1"));
        Assert.That(Guid.TryParse(made.Headers.GetValues("X-Request-ID").Single(), out _), Is.True);
    }

    [Test]
    public async Task Over_its_limit_a_key_is_told_when_to_come_back()
    {
        var key = await _host.AddKey(World.App, new ApiKeyLimits(EventsPerSecond: 1, Burst: 10));
        using var first = await _host.Client.Post(Sent.Some(10, DateTimeOffset.FromUnixTimeMilliseconds(At)), key.Key);
        using var second = await _host.Client.Post(Sent.Some(10, DateTimeOffset.FromUnixTimeMilliseconds(At)), key.Key);
        Assert.That((first.StatusCode, second.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.TooManyRequests)));
        Assert.That(second.Headers.RetryAfter?.Delta, Is.GreaterThan(TimeSpan.Zero).And.LessThanOrEqualTo(TimeSpan.FromSeconds(10)));
    }

    [Test]
    public async Task A_revoked_key_is_refused_within_5_seconds()
    {
        var key = await _host.AddKey(World.App);
        Assert.That(await Send(key.Key), Is.EqualTo(HttpStatusCode.OK));
        await _host.RevokeKey(key);
        await Eventually(() => Send(key.Key), Is.EqualTo(HttpStatusCode.Unauthorized), TimeSpan.FromSeconds(5));
        Assert.That(await Send(key.Key), Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Health_ready_and_metrics_answer_whoever_asks()
    {
        var alive = await _host.Client.Get("/health");
        Assert.That(alive.GetProperty("status").GetString(), Is.EqualTo("healthy"));
        Assert.That(alive.GetProperty("timestamp").GetDateTimeOffset(), Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(1)));
        var ready = await _host.Client.Get("/ready");
        Assert.That(ready.GetProperty("status").GetString(), Is.EqualTo("ready"));
        Assert.That(ready.GetProperty("checks").EnumerateObject().Select(c => (c.Name, c.Value.GetString())), Is.EquivalentTo(new[] { ("broker", "ok"), ("database", "ok"), ("lake", "ok") }));
        var metrics = await _host.Client.Http.GetStringAsync("/metrics");
        Assert.That(metrics, Does.Contain("\n# TYPE ").And.Contain("causality_"));
    }

    [Test]
    public async Task The_books_count_what_was_accepted_and_what_became_of_it()
    {
        using var client = new EventClient(_host.Client.Http.BaseAddress!);
        await client.SignIn();
        var key = await _host.AddApp("books");
        var events = Sent.Some(9, DateTimeOffset.FromUnixTimeMilliseconds(At));
        foreach (var batch in new[] { events, events[..4] })
        {
            using var answer = await client.Post(batch, key);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
        await Eventually(() => client.Books("books"), Is.EqualTo(new Books(Accepted: 13, Stored: 9, Duplicates: 4, Dead: 0, InFlight: 0)));
        await _host.AddApp("empty");
        Assert.That(await client.Books("empty"), Is.EqualTo(new Books(0, 0, 0, 0, 0)));
    }

    private static string Key() => Guid.CreateVersion7().ToString("N");

    private static async Task<(HttpStatusCode, string)> Read(HttpResponseMessage answer) => (answer.StatusCode, await answer.Content.ReadAsStringAsync());

    private async Task<HttpStatusCode> Send(string key)
    {
        using var answer = await _host.Client.Post(Sent.Some(1, DateTimeOffset.FromUnixTimeMilliseconds(At)), key);
        return answer.StatusCode;
    }

    private Task<long> Stored(string key) => Eventually(() => World.Lake.Keys(World.App).GetValueOrDefault(key), Is.EqualTo(1));
}
