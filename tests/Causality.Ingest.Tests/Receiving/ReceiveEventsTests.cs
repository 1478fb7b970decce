using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Net;
using System.Text;
using Causality.Contracts;
using Causality.Ingest.ApiKeys;
using Causality.Ingest.Apps;
using Causality.Ingest.Capture;
using Causality.Ingest.Limits;
using Causality.Ingest.Publishing;
using Causality.Ingest.Receiving;
using Causality.Ingest.Spooling;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Receiving;

/// <summary>What is refused before anything is read out of the body.</summary>
[TestFixture]
internal sealed class ReceiveEventsTests
{
    private static readonly string Key = KeyText.Create();

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly TestClock _clock = new();
    private readonly OneKey _keys = new();

    [OneTimeTearDown]
    public void Dispose() => _services.Dispose();

    [SetUp]
    public void Back() => (_keys.Away, _keys.AllowedOrigins) = (false, []);

    [Test]
    public async Task Without_a_key_the_answer_is_401()
    {
        var answer = await Send(_ => { });
        Assert.That(answer, Is.EqualTo((401, """{"error":"missing API key"}""")));
    }

    [TestCase("nonsense")]
    [TestCase("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public async Task With_a_wrong_key_the_answer_is_401(string key)
    {
        var answer = await Send(r => r.Headers["X-API-Key"] = key);
        Assert.That(answer, Is.EqualTo((401, """{"error":"invalid API key"}""")));
    }

    [Test]
    public async Task A_malformed_key_is_refused_without_asking_the_database()
    {
        _keys.Away = true;
        Assert.That((await Send(r => r.Headers["X-API-Key"] = Key[..^1])).Status, Is.EqualTo(401));
    }

    [Test]
    public async Task With_the_database_away_an_unknown_key_is_answered_503_and_when_to_come_back()
    {
        _keys.Away = true;
        var http = Request(r => r.Headers["X-API-Key"] = Key);
        Assert.That((await Send(http)).Status, Is.EqualTo(503));
        Assert.That(http.Response.Headers.RetryAfter.ToString(), Is.EqualTo("2"));
    }

    [Test]
    public async Task The_key_may_be_a_header_a_user_name_or_in_the_query()
    {
        var basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Key + ":"));
        // a valid key gets as far as the encoding, which is refused here
        Assert.That((await Send(r => r.Headers["X-API-Key"] = Key, "compress")).Status, Is.EqualTo(415));
        Assert.That((await Send(r => r.Headers.Authorization = basic, "compress")).Status, Is.EqualTo(415));
        Assert.That((await Send(r => r.QueryString = new QueryString("?api_key=" + Key), "compress")).Status, Is.EqualTo(415));
    }

    // a page that may send gets as far as its body, which is none
    [TestCase("", "https://any.test", 400, "*")]
    [TestCase("", null, 400, "*")]
    [TestCase("https://shop.test https://*.example.com", "https://a.example.com", 400, "https://a.example.com")]
    [TestCase("https://shop.test", "https://evil.test", 403, "")]
    [TestCase("https://shop.test", "null", 403, "")]
    [TestCase("https://shop.test", null, 400, "")]
    public async Task A_page_of_an_origin_that_the_app_does_not_list_is_refused_and_told_which_setting(string list, string? origin, int status, string allowOrigin)
    {
        _keys.AllowedOrigins = list.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var http = Request(r => (r.Headers["X-API-Key"], r.Headers.Origin) = (Key, origin));
        Cors.Open(http);
        var (answered, body) = await Send(http);
        Assert.That((answered, http.Response.Headers.AccessControlAllowOrigin.ToString(), http.Response.Headers.Vary.ToString()), Is.EqualTo((status, allowOrigin, "Origin")));
        Assert.That(body, status == 403 ? Does.Contain("allowed_origins") : Does.Contain("violations"));
    }

    [TestCase("""{"api_key":"KEY","event_type":"x"}""", "KEY")]
    [TestCase("""{"events":[{"api_key":"other"}],"api_key":"KEY"}""", "KEY")]
    [TestCase("""{"event_type":"x","properties":{"api_key":"KEY"}}""", null)]
    [TestCase("""{"api_key":7}""", null)]
    [TestCase("""{"api_key":"\ud800"}""", null)]
    [TestCase("""{"api_key":""", null)]
    [TestCase("""["api_key","KEY"]""", null)]
    [TestCase("", null)]
    public void The_key_in_a_body_is_the_bodys_own_member(string body, string? key) => Assert.That(PresentedKey.In(Encoding.UTF8.GetBytes(body), "api_key"u8), Is.EqualTo(key));

    [TestCase("FlatSingle", 400)]
    [TestCase("FlatBatch", 400)]
    [TestCase("Single", 401)]
    [TestCase("Batch", 401)]
    public async Task Flat_bodies_may_carry_the_key_and_are_then_judged(string shape, int status)
    {
        // right as to the key, and wrong in all else
        var http = Request(r => r.Body = new MemoryStream(Encoding.UTF8.GetBytes($$"""{"api_key":"{{Key}}"}""")));
        await Receive().Handle(http, Enum.Parse<RequestShape>(shape));
        Assert.That(http.Response.StatusCode, Is.EqualTo(status));
    }

    [Test]
    public async Task Without_a_key_anywhere_a_flat_body_is_401_whatever_else_is_wrong_with_it()
    {
        var http = Request(r => r.Body = new MemoryStream(new byte[3000]));
        await Receive().Handle(http, RequestShape.FlatSingle);
        Assert.That(http.Response.StatusCode, Is.EqualTo(401));
    }

    [Test]
    public async Task Guessing_keys_is_slowed_down_by_address()
    {
        var receive = Receive();
        var statuses = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            var http = Request(r => r.Headers["X-API-Key"] = "nonsense");
            await receive.Handle(http, RequestShape.Batch);
            statuses.Add(http.Response.StatusCode);
        }
        Assert.That(statuses, Is.EqualTo(new[] { 401, 401, 401, 429, 429 }));
        var other = Request(r => r.Headers["X-API-Key"] = "nonsense");
        other.Connection.RemoteIpAddress = IPAddress.Parse("192.0.2.9");
        await receive.Handle(other, RequestShape.Batch);
        Assert.That(other.Response.StatusCode, Is.EqualTo(401));
    }

    [TestCase(null, 400)]
    [TestCase("2", 413)]
    public async Task A_body_that_is_too_large_is_400_for_clients_that_cannot_split_and_413_for_those_that_can(string? protocol, int status)
    {
        var http = Request(r => (r.Headers["X-API-Key"], r.Headers["Causality-Protocol"], r.Body) = (Key, protocol, new MemoryStream(new byte[3000])));
        Assert.That(await Send(http), Is.EqualTo((status, """{"violations":[{"field":"body","description":"is larger than 2048 bytes"}]}""")));
    }

    [Test]
    public async Task A_body_that_decodes_to_too_much_is_refused()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(new byte[1_000_000]);
        packed.Position = 0;
        var http = Request(r => (r.Headers["X-API-Key"], r.Headers.ContentEncoding, r.Body) = (Key, "gzip", packed));
        Assert.That((await Send(http)).Status, Is.EqualTo(400));
    }

    [Test]
    public async Task Stacked_encodings_are_refused() =>
        Assert.That((await Send(r => r.Headers["X-API-Key"] = Key, "gzip, br")).Status, Is.EqualTo(415));

    [TestCase("application/json", BodyFormat.Json)]
    [TestCase("application/x-protobuf", BodyFormat.Protobuf)]
    [TestCase("Application/X-Protobuf; proto=x", BodyFormat.Protobuf)]
    [TestCase("application/octet-stream other", BodyFormat.Protobuf)]
    [TestCase("text/plain;charset=UTF-8", BodyFormat.Json)]
    [TestCase(null, BodyFormat.Json)]
    public void The_content_type_is_read_up_to_the_first_semicolon_or_space(string? type, object format)
    {
        var http = new DefaultHttpContext();
        http.Request.ContentType = type;
        Assert.That(RequestBody.Format(http.Request), Is.EqualTo(format));
    }

    private async Task<(int Status, string Body)> Send(Action<HttpRequest> change, string? encoding = null)
    {
        var http = Request(change);
        if (encoding is not null)
            http.Request.Headers.ContentEncoding = encoding;
        return await Send(http);
    }

    private async Task<(int Status, string Body)> Send(DefaultHttpContext http)
    {
        await Receive().Handle(http, RequestShape.Batch);
        return (http.Response.StatusCode, Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray()));
    }

    private static DefaultHttpContext Request(Action<HttpRequest> change)
    {
        var http = new DefaultHttpContext { Response = { Body = new MemoryStream() }, Connection = { RemoteIpAddress = IPAddress.Loopback } };
        change(http.Request);
        return http;
    }

    private ReceiveEvents Receive()
    {
        var options = Options.Create(new IngestOptions { MaxBodyBytes = 2048, AnonymousBurst = 3 });
        var metrics = new IngestMetrics(_services.GetRequiredService<IMeterFactory>());
        return new ReceiveEvents(new ApiKeyCache(_keys, _clock, NullLogger<ApiKeyCache>.Instance), new KeyUses(_clock), new KeyLimits(options, _clock), new AddressLimits(options, _clock),
            new EventCapture(new CaptureOptions()),
            new EventPublisher(new NoBus(), NoSpool(options), new BrokerCircuit(_clock, NullLogger<BrokerCircuit>.Instance), new PublishedCounts(), options, _clock, metrics,
                NullLogger<EventPublisher>.Instance),
            new BodyMemory(options), options, _clock, metrics);
    }

    private Spool NoSpool(IOptions<IngestOptions> options) =>
        new(new PublishedCounts(), new NoFailPoint(), options, _clock, new SpoolMetrics(_services.GetRequiredService<IMeterFactory>()), NullLogger<Spool>.Instance);

    private sealed class OneKey : IApiKeyLookup
    {
        public bool Away { get; set; }

        public string[] AllowedOrigins { get; set; } = [];

        public Task<ValidKey?> Find(KeyHash hash, CancellationToken ct) =>
            Away ? throw new TimeoutException() : Task.FromResult(hash == KeyHash.Of(Key) ? new ValidKey(Guid.CreateVersion7(), "demo", null, null, new AppRules(new byte[32], IpPolicy.Hash)) { AllowedOrigins = AllowedOrigins } : null);
    }

    private sealed class NoBus : IEventBus
    {
        public Task Publish(Causality.Contracts.Events.EventsAccepted message, Guid messageId, CancellationToken ct) =>
            throw new InvalidOperationException("nothing is to be published here");
    }
}
