using System.Text;
using Causality.Contracts.Events;
using Causality.Contracts.Events.V1;
using Causality.Ingest.Capture;
using Google.Protobuf;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Capture;

[TestFixture]
internal sealed class VerdictTests
{
    private const string Good = """{"id":"good","deviceId":"d","timestampMs":"1763717400000","appStart":{}}""";

    [Test]
    public void A_single_event_is_answered_with_its_id() =>
        Assert.That(Desk.Single(Good).Answer, Is.EqualTo("""{"eventId":"good","status":"accepted"}"""));

    [Test]
    public void A_batch_is_answered_event_by_event_without_zero_values()
    {
        Assert.That(Desk.Batch(Good, Good).Answer, Is.EqualTo("""{"acceptedCount":2,"results":[{"eventId":"good","status":"accepted"},{"index":1,"eventId":"good","status":"accepted"}]}"""));
        Assert.That(Desk.Batch("""{"id":"bad","timestampMs":1,"appStart":{}}""", Good, "7").Answer, Is.EqualTo(
            """{"acceptedCount":1,"rejectedCount":2,"results":[{"eventId":"bad","status":"rejected","error":"event.device_id: must not be empty"},{"index":1,"eventId":"good","status":"accepted"},{"index":2,"status":"rejected","error":"event: must be an object"}]}"""));
    }

    [Test]
    public void Code_and_field_are_only_for_protocol_2() =>
        Assert.That(Desk.Send("""{"events":[{"timestampMs":1,"appStart":{}}]}""", RequestShape.Batch, protocol: 2).Answer, Is.EqualTo(
            """{"rejectedCount":1,"results":[{"status":"rejected","error":"event.device_id: must not be empty","code":"required","field":"event.device_id"}]}"""));

    [Test]
    public void A_single_event_is_refused_with_every_field_at_once()
    {
        Assert.That(Desk.Single("{}").Answer, Is.EqualTo(
            """{"violations":[{"field":"event.device_id","description":"must not be empty"},{"field":"event.timestamp_ms","description":"must be greater than 0"},{"field":"event.payload","description":"must be given: one of the contract's payloads, such as custom_event or screen_view"}]}"""));
        Assert.That(Desk.Single("""{"deviceId":"d","timestampMs":1,"purchaseComplete":{}}""").Answer, Is.EqualTo(
            """{"violations":[{"field":"event.purchase_complete.order_id","description":"must not be empty"}]}"""));
    }

    [TestCase("screenView", "screen_name")]
    [TestCase("screenExit", "screen_name")]
    [TestCase("buttonTap", "button_id")]
    [TestCase("textInput", "field_id")]
    [TestCase("productView", "product_id")]
    [TestCase("addToCart", "product_id")]
    [TestCase("removeFromCart", "product_id")]
    [TestCase("purchaseComplete", "order_id")]
    [TestCase("customEvent", "event_name")]
    public void A_starred_field_must_not_be_empty(string payload, string field) =>
        Assert.That(Desk.With($$"""
            "{{payload}}":{"{{field}}":""}
            """).Error, Does.EndWith($".{field}: must not be empty"));

    [TestCase("""{"events":[]}""", RequestShape.Batch, "events")]
    [TestCase("""{"events":null}""", RequestShape.Batch, "events")]
    [TestCase("{}", RequestShape.Batch, "events")]
    [TestCase("""{"events":{}}""", RequestShape.Batch, "events")]
    [TestCase("""{"events":[],"events":[]}""", RequestShape.Batch, "events")]
    [TestCase("{}", RequestShape.Single, "event")]
    [TestCase("{}", RequestShape.FlatBatch, "events")]
    public void A_request_without_events_is_refused(string body, RequestShape shape, string field) =>
        Assert.That(Desk.Send(body, shape).Result.Violations.Single().Field, Is.EqualTo(field));

    [Test]
    public void A_batch_over_the_maximum_is_refused_whole()
    {
        var options = new CaptureOptions { MaxBatchEvents = 2 };
        var three = Encoding.UTF8.GetBytes($$"""{"events":[{{Good}},{{Good}},{{Good}}]}""");
        var desk = Desk.Send(three, BodyFormat.Json, RequestShape.Batch, options: options);
        Assert.That(desk.Answer, Is.EqualTo("""{"violations":[{"field":"events","description":"must hold at most 2 events"}]}"""));
        Assert.That(desk.Rows, Is.Empty);
    }

    [Test]
    public void An_event_over_its_limit_is_rejected_alone()
    {
        var large = $$$"""{"id":"large","deviceId":"d","timestampMs":1,"appCrash":{"stackTrace":"{{{new string('x', 64 * 1024)}}}"}}""";
        var desk = Desk.Batch(large, Good);
        Assert.That(desk.Result.Results.Select(r => r.Error), Is.EqualTo(new[] { "event: is larger than 65536 bytes", null }));
    }

    [Test]
    public void What_a_large_event_holds_is_not_kept_in_memory()
    {
        var items = string.Join(',', Enumerable.Repeat("{}", 1_000_000));
        var body = Encoding.UTF8.GetBytes($$$"""{"events":[{"id":"large","purchaseComplete":{"orderId":"o","items":[{{{items}}}]}},{{{Good}}}]}""");
        var binary = Enumerable.Repeat(new EventEnvelope { PurchaseComplete = new PurchaseComplete { Items = { Enumerable.Repeat(new PurchaseItem(), 1_000_000) } } }, 1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var json = Desk.Send(body, BodyFormat.Json, RequestShape.Batch);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(16 * 1024 * 1024));
        var protobuf = Desk.Send(new IngestEventBatchRequest { Events = { binary } }.ToByteArray(), BodyFormat.Protobuf, RequestShape.Batch);
        Assert.That(json.Result.Results.Select(r => r.Error), Is.EqualTo(new[] { "event: is larger than 65536 bytes", null }));
        Assert.That(protobuf.Error, Is.EqualTo("event: is larger than 65536 bytes"));
    }

    [TestCase("\"appId\":\"shop\"", null)]
    [TestCase("\"appId\":\"\"", null)]
    [TestCase("\"appId\":\"other\"", "event.app_id: is not the app of the API key")]
    [TestCase("\"appId\":\"../shop\"", "event.app_id: must be 1 to 128 of A-Z a-z 0-9 . _ -")]
    public void An_event_belongs_to_the_app_of_its_key(string app, string? error)
    {
        var desk = Desk.With($$"""{{app}},"appStart":{}""");
        Assert.That(desk.Error, Is.EqualTo(error));
        if (error is null)
            Assert.That(desk.Row["app_id"], Is.EqualTo("shop"));
    }

    [TestCase("id")]
    [TestCase("idempotency_key")]
    public void An_id_and_a_key_have_at_most_128_characters(string field)
    {
        Assert.That(Desk.With($$"""
            "{{field}}":"{{new string('ä', 128)}}","appStart":{}
            """).Error, Is.Null);
        Assert.That(Desk.With($$"""
            "{{field}}":"{{new string('a', 129)}}","appStart":{}
            """).Error, Is.EqualTo($"event.{field}: must have at most 128 characters"));
    }

    [TestCase("e\\u0007", "must not contain control characters")]
    [TestCase("e\\u0085", "must not contain control characters")]
    [TestCase("\\u00e4", null)]
    public void A_custom_name_has_no_control_characters(string name, string? reason) =>
        Assert.That(Desk.With($$"""
            "customEvent":{"eventName":"{{name}}"}
            """).Error, Is.EqualTo(reason is null ? null : $"event.custom_event.event_name: {reason}"));

    [Test]
    public void Binary_in_binary_out()
    {
        var request = new IngestEventBatchRequest { Events = { new EventEnvelope { Id = "1", DeviceId = "d", TimestampMs = 1, AppStart = new AppStart() }, new EventEnvelope { Id = "2" } } };
        var desk = Desk.Send(request.ToByteArray(), BodyFormat.Protobuf, RequestShape.Batch);

        var answer = IngestEventBatchResponse.Parser.ParseFrom(Convert.FromHexString(desk.Answer));
        Assert.That((answer.AcceptedCount, answer.RejectedCount), Is.EqualTo((1, 1)));
        Assert.That(answer.Results[1], Is.EqualTo(new EventResult { Index = 1, EventId = "2", Status = "rejected", Error = desk.Result.Results[1].Error! }));

        var single = Desk.Send(new IngestEventRequest { Event = request.Events[0] }.ToByteArray(), BodyFormat.Protobuf, RequestShape.Single);
        Assert.That(IngestEventResponse.Parser.ParseFrom(Convert.FromHexString(single.Answer)), Is.EqualTo(new IngestEventResponse { EventId = "1", Status = "accepted" }));
    }

    [Test]
    public void Two_threads_share_one_capture()
    {
        var body = Encoding.UTF8.GetBytes($$"""{"events":[{{string.Join(',', Enumerable.Repeat(Good, 50))}}]}""");
        Parallel.For(0, 200, _ => Assert.That(Desk.Send(body, BodyFormat.Json, RequestShape.Batch).Rows.Select(r => r["id"]), Is.All.EqualTo("good")));
    }

    [Test]
    public void Events_join_those_that_the_batch_holds_already()
    {
        using var batch = new EventBatchWriter();
        var capture = new EventCapture(new CaptureOptions());
        foreach (var body in new[] { $$"""{"event":{{Good}}}""", "{broken", $$"""{"event":{{Good}}}""" })
            capture.Capture(Encoding.UTF8.GetBytes(body), BodyFormat.Json, RequestShape.Single, "shop", Desk.Received, default, batch);
        Assert.That((batch.Count, Desk.Read(batch.Written).Count), Is.EqualTo((2, 2)));
    }
}
