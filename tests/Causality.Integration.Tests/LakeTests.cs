using System.Net;
using Causality.Contracts.Events.V1;
using Google.Protobuf;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests;

/// <summary>What a stored event is to anybody with DuckDB: the promise of columns and paths.</summary>
[TestFixture(Storage.Local)]
[TestFixture(Storage.S3)]
internal sealed class LakeTests(Storage storage) : OnRealServers(storage)
{
    // 2026-03-29 00:59:30 UTC
    private const long At = 1_774_745_970_123;

    private static readonly string[] Columns =
    [
        "id VARCHAR", "device_id VARCHAR", "user_id VARCHAR", "session_id VARCHAR", "timestamp_ms BIGINT", "received_at_ms BIGINT", "idempotency_key VARCHAR",
        "correlation_id VARCHAR", "event_category VARCHAR", "event_type VARCHAR", "platform VARCHAR", "os_version VARCHAR", "app_version VARCHAR", "build_number VARCHAR",
        "device_model VARCHAR", "manufacturer VARCHAR", "screen_width INTEGER", "screen_height INTEGER", "locale VARCHAR", "timezone VARCHAR", "network_type VARCHAR",
        "carrier VARCHAR", "is_jailbroken BOOLEAN", "is_emulator BOOLEAN", "sdk_version VARCHAR", "url VARCHAR", "path VARCHAR", "referrer VARCHAR", "title VARCHAR",
        "browser VARCHAR", "utm_source VARCHAR", "utm_medium VARCHAR", "utm_campaign VARCHAR", "utm_term VARCHAR", "utm_content VARCHAR", "ip_hash VARCHAR", "country VARCHAR",
        "is_bot BOOLEAN", "sequence BIGINT", "payload_json VARCHAR", "os VARCHAR", "device_type VARCHAR", "referrer_class VARCHAR", "client_timestamp_ms BIGINT", "flags VARCHAR",
    ];

    private HostInside _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await World.Start();

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Json_and_binary_give_equal_rows_at_the_promised_path_with_the_promised_columns()
    {
        var sent = Envelope("json");
        using var json = await _host.Client.Post("/v1/events/ingest", JsonFormatter.Default.Format(new IngestEventRequest { Event = sent }));
        using var binary = await _host.Client.Post("/v1/events/ingest", new IngestEventRequest { Event = Envelope("binary") }.ToByteArray(), "application/x-protobuf");
        Assert.That((json.StatusCode, binary.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
        await Eventually(() => World.Lake.Keys(World.App).Keys, Is.EquivalentTo(new[] { "json", "binary" }));

        Assert.That(World.Lake.Files.Select(f => Path.GetDirectoryName(Path.GetRelativePath(World.Lake.Folder, f))), Has.All.EqualTo("events/app_id=shop/year=2026/month=03/day=29/hour=00"));
        var described = World.Lake.Query($"DESCRIBE SELECT * FROM read_parquet('{World.Lake.Files[0]}', hive_partitioning = false)");
        Assert.That(described.Select(c => $"{c[0]} {c[1]}"), Is.EqualTo(Columns));
        Assert.That(World.Lake.Query($"SELECT DISTINCT compression FROM parquet_metadata('{World.Lake.Files[0]}')").Single()[0], Is.EqualTo("ZSTD"));

        var rows = World.Lake.Query($"SELECT * EXCLUDE (id, idempotency_key, received_at_ms) FROM {World.Lake.Events} ORDER BY idempotency_key");
        Assert.That(rows[0], Is.EqualTo(rows[1]));
        var row = World.Lake.Query($"""
            SELECT app_id, year, month, day, hour, device_id, user_id, session_id, timestamp_ms, correlation_id, event_category, event_type, platform, network_type, screen_width, is_jailbroken, is_emulator, sequence, payload_json
            FROM {World.Lake.Events} WHERE idempotency_key = 'json'
            """).Single();
        Assert.That(row, Is.EqualTo(new object[]
        {
            "shop", "2026", "03", "29", "00", "device-1", "user-1", "session-1", At, "trace-1", "commerce", "product_view", "ios", "wifi", 1179L, false, true, 7L,
            """{"product_id":"p-1","product_name":"B\u00f6ot \"7\"","category":"","price_cents":9007199254740993,"currency":"EUR","source":""}""".Replace("\\u00f6", "ö", StringComparison.Ordinal),
        }));
    }

    [Test]
    public async Task Maps_of_a_custom_event_become_one_object_and_numbers_their_shortest_form()
    {
        var sent = new EventEnvelope
        {
            DeviceId = "d", TimestampMs = At, IdempotencyKey = "custom",
            CustomEvent = new CustomEvent
            {
                EventName = "Plan chosen",
                StringParams = { ["plan"] = "pro", ["same"] = "text" },
                IntParams = { ["seats"] = long.MaxValue, ["same"] = 1 },
                FloatParams = { ["price"] = 0.1, ["odd"] = double.NaN },
                BoolParams = { ["trial"] = true },
            },
        };
        using var answer = await _host.Client.Post("/v1/events/batch", new IngestEventBatchRequest { Events = { sent } }.ToByteArray(), "application/x-protobuf");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));

        var payload = (string)(await Eventually(() => World.Lake.Query($"SELECT payload_json FROM {World.Lake.Events} WHERE event_category = 'custom' AND event_type = 'Plan chosen'"), Has.Count.EqualTo(1)))[0][0]!;

        var properties = System.Text.Json.JsonDocument.Parse(payload).RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetRawText());
        Assert.That(properties, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["plan"] = "\"pro\"", ["same"] = "1", ["seats"] = "9223372036854775807", ["price"] = "0.1", ["odd"] = "\"NaN\"", ["trial"] = "true",
        }));
    }

    private static EventEnvelope Envelope(string key) => new()
    {
        DeviceId = "device-1", UserId = "user-1", SessionId = "session-1", TimestampMs = At, CorrelationId = "trace-1", IdempotencyKey = key, Sequence = 7,
        DeviceContext = new DeviceContext { Platform = Platform.Ios, OsVersion = "18.1", NetworkType = NetworkType.Wifi, ScreenWidth = 1179, ScreenHeight = 2556, IsEmulator = true, Locale = "de-AT" },
        WebContext = new WebContext { Url = "https://shop.example/a?b=1", Title = "T", UtmSource = "news" },
        ProductView = new ProductView { ProductId = "p-1", ProductName = "Böot \"7\"", PriceCents = 9_007_199_254_740_993, Currency = "EUR" },
    };
}
