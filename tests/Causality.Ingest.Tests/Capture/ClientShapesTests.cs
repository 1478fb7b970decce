using Causality.Contracts.Events.V1;
using Causality.Ingest.Capture;
using Google.Protobuf;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Capture;

[TestFixture]
internal sealed class ClientShapesTests
{
    [Test]
    public void A_mobile_batch_of_50_is_accepted_whole()
    {
        var events = Enumerable.Range(0, 50).Select(i => $$$"""
            {"idempotencyKey":"8f14e45f-ceea-467f-9575-{{{i:d12}}}","appId":"shop","deviceId":"device-1","timestampMs":"{{{1795253400000 + i}}}",
             "deviceContext":{"platform":"PLATFORM_ANDROID","osVersion":"15","networkType":"NETWORK_TYPE_CELLULAR_5G"},"screenView":{"screenName":"Home","params":{"n":"{{{i}}}"} }}
            """);
        var desk = Desk.Batch([.. events]);
        Assert.That((desk.Result.AcceptedCount, desk.Result.RejectedCount, desk.Rows.Count), Is.EqualTo((50, 0, 50)));
        Assert.That(desk.Rows.Select(r => r["id"]).Distinct().Count(), Is.EqualTo(50));
        Assert.That(desk.Rows[49]["payload_json"], Does.EndWith("\"params\":{\"n\":\"49\"}}"));
    }

    [Test]
    public void Raw_properties_become_the_typed_payload_of_a_known_name()
    {
        var desk = Desk.With("""
            "customEvent":{"eventName":"product_view","stringParams":{"_raw_properties":"{\"product_id\":\"p\",\"priceCents\":\"5\",\"shelf\":[1.0]}","source":"push","tab":"new"},"intParams":{"n":3}}
            """);
        Assert.That((desk.Row["event_category"], desk.Row["event_type"]), Is.EqualTo(("commerce", "product_view")));
        Assert.That(desk.Payload, Is.EqualTo("""{"product_id":"p","product_name":"","category":"","price_cents":5,"currency":"","source":"","shelf":[1],"tab":"new","n":3}"""));
    }

    [Test]
    public void Raw_properties_become_flat_properties_of_any_other_name()
    {
        var desk = Desk.With("""
            "customEvent":{"eventName":"onboarding","stringParams":{"_raw_properties":"{\"step\":2,\"event_name\":\"x\",\"tags\":[\"a\",\"\\u00e4\"]}","step":"1","plan":"pro"}}
            """);
        Assert.That(desk.Row["event_type"], Is.EqualTo("onboarding"));
        Assert.That(desk.Payload, Is.EqualTo("""{"plan":"pro","step":2,"event_name":"x","tags":["a","ä"]}"""));
    }

    [TestCase("not json")]
    [TestCase("{\\\"a\\\":}")]
    [TestCase("[1]")]
    [TestCase("")]
    public void Raw_properties_that_are_no_object_stay_a_property(string raw) =>
        Assert.That(Desk.With($$$"""
            "customEvent":{"eventName":"e","stringParams":{"_raw_properties":"{{{raw}}}"}}
            """).Payload, Is.EqualTo($$"""
            {"_raw_properties":"{{raw}}"}
            """));

    [Test]
    public void Raw_properties_are_lifted_from_binary_too()
    {
        var sent = new EventEnvelope { DeviceId = "d", TimestampMs = 1, CustomEvent = new CustomEvent { EventName = "screen_exit", StringParams = { ["_raw_properties"] = """{"screenName":"Home"}""" } } };
        var desk = Desk.Send(new IngestEventRequest { Event = sent }.ToByteArray(), BodyFormat.Protobuf, RequestShape.Single);
        Assert.That(desk.Payload, Is.EqualTo("""{"screen_name":"Home","duration_ms":0,"next_screen":""}"""));
    }

    [TestCase("{\\\"durationMs\\\":\\\"x\\\",\\\"screenName\\\":\\\"s\\\"}", """{"durationMs":"x","screenName":"s"}""")]
    [TestCase("{\\\"duration_ms\\\":5}", """{"duration_ms":5}""")]
    public void Raw_properties_that_do_not_fit_the_type_stay_a_custom_event(string raw, string payload)
    {
        var desk = Desk.With($$$"""
            "customEvent":{"eventName":"screen_exit","stringParams":{"_raw_properties":"{{{raw}}}"}}
            """);
        Assert.That((desk.Row["event_category"], desk.Row["event_type"], desk.Payload), Is.EqualTo(("custom", "screen_exit", payload)));
    }

    [Test]
    public void Raw_properties_with_a_key_twice_are_refused() =>
        Assert.That(Desk.With("""
            "customEvent":{"eventName":"e","stringParams":{"_raw_properties":"{\"a\":1,\"a\":2}"}}
            """).Error, Is.EqualTo("event.custom_event.a: is given twice"));

    [TestCase("app_start", "{}", "system")]
    [TestCase("screen_view", "{}", "custom")]
    [TestCase("screen_view", "{\"screen_name\":\"s\"}", "screen")]
    [TestCase("button_tap", "{\"button_name\":\"b\"}", "interaction")]
    [TestCase("custom_event", "{}", "custom")]
    public void A_backend_event_is_typed_where_its_metadata_fits(string type, string metadata, string category) =>
        Assert.That(Desk.Batch($$"""{"event_type":"{{type}}","metadata":{{metadata}}}""").Row["event_category"], Is.EqualTo(category));

    [TestCase("button_name")]
    [TestCase("buttonName")]
    public void A_button_may_have_a_name_for_an_id(string name) =>
        Assert.That(Desk.With($$$"""
            "buttonTap":{"{{{name}}}":"Buy","screenName":"Cart"}
            """).Payload, Is.EqualTo($$"""
            {"button_id":"Buy","button_text":"","screen_name":"Cart","{{name}}":"Buy"}
            """));

    [Test]
    public void A_backend_event_becomes_the_typed_payload_of_a_known_name()
    {
        var desk = Desk.Batch("""
            {"event_type":"purchase_complete","timestamp":"2026-11-21T10:29:59.123456789+01:00","user_id":"u","session_id":"s","app_id":"shop","idempotency_key":"k",
             "metadata":{"order_id":"o-1","total_cents":1200,"channel":"b2b"},
             "server_context":{"hostname":"web-1","go_version":"go1.22","sdk_version":"0.9","os":"linux","arch":"amd64"}}
            """);
        var row = desk.Row;
        Assert.That(new[] { "device_id", "platform", "os", "sdk_version", "user_id", "session_id", "idempotency_key", "event_category", "event_type", "timestamp_ms" }.Select(c => row[c]),
            Is.EqualTo(new[] { "server:web-1", "server", "linux", "0.9", "u", "s", "k", "commerce", "purchase_complete", "1795253399123" }));
        Assert.That(desk.Payload, Is.EqualTo(
            """{"order_id":"o-1","cart_id":"","item_count":0,"total_cents":1200,"currency":"","payment_method":"","channel":"b2b","server_context":{"hostname":"web-1","go_version":"go1.22","sdk_version":"0.9","os":"linux","arch":"amd64"}}"""));
    }

    [Test]
    public void A_backend_event_of_any_other_name_is_custom()
    {
        var desk = Desk.Batch("""{"event_type":"invoice_sent","timestamp":"2026-11-21T09:30:00Z","metadata":{"amount":12.50,"lines":[{"n":1}]},"server_context":{"hostname":"h"}}""");
        Assert.That((desk.Row["event_category"], desk.Row["event_type"], desk.Row["device_id"]), Is.EqualTo(("custom", "invoice_sent", "server:h")));
        Assert.That(desk.Payload, Is.EqualTo("""{"amount":12.5,"lines":[{"n":1}],"server_context":{"hostname":"h"}}"""));
        Assert.That(desk.Row, Does.Not.ContainKey("is_emulator"));
    }

    [TestCase("\"timestamp\":\"yesterday\"", "event.timestamp: must be an RFC 3339 time")]
    [TestCase("\"timestamp\":\"0001-01-01T00:00:00Z\"", "event.timestamp_ms: must be greater than 0")]
    [TestCase("\"timestamp\":true", "event.timestamp: must be an RFC 3339 time")]
    [TestCase("\"metadata\":[]", "event.metadata: must be an object")]
    [TestCase("\"metadata\":{\"a\":1,\"a\":1}", "event.metadata: has the same key twice; event.metadata.a: is given twice")]
    [TestCase("\"metadata\":\"{}\"", "event.metadata: must be an object")]
    [TestCase("\"server_context\":{\"hostname\":5}", "event.server_context.hostname: must be text")]
    [TestCase("\"metadata\":null", null)]
    public void A_backend_event_is_judged_like_any_other(string member, string? error) =>
        Assert.That(Desk.Batch($$"""{"event_type":"e",{{member}}}""").Error, Is.EqualTo(error));

    [Test]
    public void The_flat_web_shape_becomes_a_custom_event()
    {
        var desk = Desk.Flat("""
            {"event_type":"Signed Up","user_id":"u","session_id":"s","properties":{"plan":"pro","seats":2,"nested":{"a":[true]}},"url":"https://a.example/join?x=1","referrer":"https://r.example","timestamp":"2026-11-21T09:29:00.5Z"}
            """);
        var row = desk.Row;
        Assert.That(new[] { "event_category", "event_type", "user_id", "session_id", "device_id", "platform", "url", "path", "referrer", "timestamp_ms", "payload_json" }.Select(c => row[c]), Is.EqualTo(new[]
        {
            "custom", "Signed Up", "u", "s", "web:s", "web", "https://a.example/join?x=1", "/join", "https://r.example", "1795253340500", """{"plan":"pro","seats":2,"nested":{"a":[true]}}""",
        }));
        Assert.That(desk.Answer, Is.EqualTo($$"""{"eventId":"{{row["id"]}}","status":"accepted"}"""));
    }

    [TestCase("\"device_id\":\"d\",\"anonymous_id\":\"a\",\"session_id\":\"s\"", "d")]
    [TestCase("\"anonymousId\":\"a\",\"session_id\":\"s\"", "a")]
    [TestCase("\"user_id\":\"u\"", "user:u")]
    public void A_flat_events_device_is_what_it_can_be_told_by(string members, string device)
    {
        var row = Desk.Flat($$"""{"event_type":"e",{{members}}}""").Row;
        Assert.That((row["device_id"], row["timestamp_ms"], row["payload_json"]), Is.EqualTo((device, row["received_at_ms"], "{}")));
    }

    [TestCase("{}", "event.event_type,event.device_id")]
    [TestCase("""{"event_type":"e"}""", "event.device_id")]
    [TestCase("""{"event_type":"e","user_id":"u","url":5}""", "event.url")]
    [TestCase("""{"event_type":"e","user_id":"u","properties":"x"}""", "event.properties")]
    public void A_flat_event_is_refused_by_field(string body, string fields) =>
        Assert.That(string.Join(',', Desk.Flat(body).Result.Violations.Select(v => v.Field)), Is.EqualTo(fields));

    [TestCase(100, 255, null)]
    [TestCase(101, 255, "event.event_type: must have at most 100 characters")]
    [TestCase(100, 256, "event.user_id: must have at most 255 characters")]
    public void A_flat_events_name_and_user_are_bounded(int name, int user, string? error) =>
        Assert.That(Desk.Send($$"""{"events":[{"event_type":"{{new string('é', name)}}","user_id":"{{new string('u', user)}}"}]}""", RequestShape.FlatBatch).Error, Is.EqualTo(error));

    [TestCase("2026-11-21T09:30:00Z", 1795253400000)]
    [TestCase("2026-11-21t09:30:00z", 1795253400000)]
    [TestCase("2026-11-21T10:30:00.1+01:00", 1795253400100)]
    [TestCase("2026-11-21T04:00:00.1239-05:30", 1795253400123)]
    [TestCase("2026-11-21 09:30:00", 1795253400000)]
    [TestCase("2026-02-29T00:00:00Z", null)]
    [TestCase("2026-11-21T24:00:00Z", null)]
    [TestCase("2026-11-21T09:30:00.Z", null)]
    [TestCase("2026-11-21T09:30:00+1:00", null)]
    [TestCase("2026-11-21T09:30Z", null)]
    public void Times_are_read_as_RFC_3339(string text, long? expected) =>
        Assert.That(Rfc3339.TryParse(System.Text.Encoding.ASCII.GetBytes(text), out var time) ? time : (long?)null, Is.EqualTo(expected));
}
