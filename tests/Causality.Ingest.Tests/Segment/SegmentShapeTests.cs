using System.Net;
using System.Text.Json;
using Causality.Ingest.Capture;
using Causality.Ingest.Tests.Capture;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Segment;

/// <summary>What Segment's clients send, and the rows that it becomes.</summary>
[TestFixture]
internal sealed class SegmentShapeTests
{
    private static readonly Dictionary<string, RequestShape> Shapes = new()
    {
        ["/v1/p"] = RequestShape.SegmentPage, ["/v1/i"] = RequestShape.SegmentIdentify, ["/v1/t"] = RequestShape.SegmentTrack, ["/v1/g"] = RequestShape.SegmentGroup,
        ["/v1/a"] = RequestShape.SegmentAlias, ["/v1/s"] = RequestShape.SegmentScreen, ["/v1/b"] = RequestShape.SegmentBatch,
    };

    [Test]
    public void The_calls_that_analytics_js_made_in_a_browser_are_rows_with_its_page_and_campaign()
    {
        var rows = Recorded().Where(r => r.Path != "/v1/b").Select(r => Desk.Send(r.Body, Shapes[r.Path]).Row).ToList();

        Assert.That(rows.Select(r => (r["event_type"], r["payload_json"])), Is.EqualTo(new[]
        {
            ("page", """{"path":"/shoes","referrer":"https://www.google.com/","search":"?utm_source=news&utm_medium=email&utm_campaign=spring","title":"Shoes – Example","url":"https://shop.example.com/shoes?utm_source=news&utm_medium=email&utm_campaign=spring","colour":"red","category":"Docs","name":"Shoes"}"""),
            ("identify", """{"email":"ada@example.com","address":{"city":"Wien","zip":[1,2]}}"""),
            ("Product Added", """{"price":12.5,"items":[{"sku":"a","n":1},{"sku":"b","n":2}],"gift":false,"note":null}"""),
            ("group", """{"plan":"pro","group_id":"org_1"}"""),
            ("alias", """{"previous_id":"user 7"}"""),
            ("screen", """{"n":1,"name":"Cart"}"""),
        }));
        Assert.That(rows.Select(r => r["device_id"]).Distinct().ToList(), Has.Count.EqualTo(1));
        Assert.That(rows.Select(r => r.GetValueOrDefault("user_id")), Is.EqualTo(new[] { null, "user 7", "user 7", "user 7", "user 7", "user 7" }));
        foreach (var row in rows)
        {
            Assert.That(row["id"], Does.StartWith("ajs-next-").And.EqualTo(row["idempotency_key"]));
            Assert.That(
                (row["event_category"], row["platform"], row["path"], row["referrer"], row["title"], row["utm_source"], row["utm_medium"], row["utm_campaign"], row["locale"], row["timezone"], row["sdk_version"]),
                Is.EqualTo(("custom", "web", "/shoes", "https://www.google.com/", "Shoes – Example", "news", "email", "spring", "en-US", "UTC", "npm:next-1.84.3")));
            Assert.That(row.Keys, Has.None.EqualTo("is_emulator"), "which a browser did not say");
        }
    }

    [Test]
    public void The_batch_that_analytics_js_made_gives_the_same_rows_as_its_calls()
    {
        var batch = Recorded().Single(r => r.Path == "/v1/b");
        var calls = Recorded().Where(r => r.Path != "/v1/b").Select(r => Desk.Send(r.Body, Shapes[r.Path]).Row);
        var desk = Desk.Send(batch.Body, RequestShape.SegmentBatch);
        Assert.That(desk.Rows.Select(Comparable), Is.EqualTo(calls.Select(Comparable)));
        Assert.That(desk.Answer, Is.EqualTo("""{"success":true}"""));

        static string Comparable(IReadOnlyDictionary<string, string> row) =>
            string.Join('\n', row.Where(c => c.Key is not ("id" or "idempotency_key" or "timestamp_ms" or "client_timestamp_ms" or "device_id")).Select(c => $"{c.Key}: {c.Value}"));
    }

    [Test]
    public void A_phones_context_fills_the_columns_of_a_device_and_of_the_sender()
    {
        var row = Track("""
            "anonymousId":"a","context":{"ip":"198.51.100.9","device":{"id":"d-1","type":"ios","model":"iPhone17,1","manufacturer":"Apple"},"os":{"name":"iOS","version":"19.1"},
            "app":{"name":"Shop","version":"3.1","build":412},"screen":{"width":1179,"height":2556.5,"density":3},"network":{"wifi":true,"cellular":false,"carrier":"A1"},
            "locale":"de-AT","timezone":"Europe/Vienna","library":{"name":"analytics-swift","version":"1.7"},"traits":{"age":7}}
            """).Row;
        Assert.That(
            (row["platform"], row["os"], row["os_version"], row["app_version"], row["build_number"], row["device_model"], row["manufacturer"]),
            Is.EqualTo(("ios", "ios", "19.1", "3.1", "412", "iPhone17,1", "Apple")));
        Assert.That(
            (row["screen_width"], row["screen_height"], row["network_type"], row["carrier"], row["locale"], row["timezone"], row["sdk_version"]),
            Is.EqualTo(("1179", "2556", "wifi", "A1", "de-AT", "Europe/Vienna", "1.7")));
        Assert.That(row["ip_hash"], Is.EqualTo(Desk.HashOf(IPAddress.Parse("198.51.100.9"))));
    }

    [TestCase("\"anonymousId\":\"a\",\"userId\":\"u\"", "a", "u")]
    [TestCase("\"userId\":\"u\",\"context\":{\"device\":{\"id\":\"d\"}}", "d", "u")]
    [TestCase("\"userId\":\"u\"", "user:u", "u")]
    [TestCase("\"userId\":42,\"anonymousId\":null", "user:42", "42")]
    [TestCase("\"anonymousId\":\"not a uuid!\"", "not a uuid!", null)]
    public void Who_it_was_is_told_by_ids_of_any_kind(string ids, string device, string? user)
    {
        var row = Track(ids).Row;
        Assert.That((row["device_id"], row.GetValueOrDefault("user_id")), Is.EqualTo((device, user)));
    }

    [Test]
    public void The_time_of_sending_corrects_the_clock_wherever_it_stands_in_the_batch()
    {
        // a clock that is two hours behind
        const string call = """{"type":"track","event":"e","userId":"u","timestamp":"2026-11-21T07:00:00Z"}""";
        foreach (var body in new[] { $$"""{"batch":[{{call}}],"sentAt":"2026-11-21T07:30:00Z"}""", $$"""{"sentAt":"2026-11-21T07:30:00Z","batch":[{{call}}]}""" })
        {
            var row = Desk.Send(body, RequestShape.SegmentBatch).Row;
            Assert.That((row["timestamp_ms"], row["flags"]), Is.EqualTo((At("2026-11-21T09:00:00Z"), "skewed")));
        }
        Assert.That(Track("\"userId\":\"u\",\"originalTimestamp\":\"2026-11-21T09:00:00.5+01:00\"").Row["timestamp_ms"], Is.EqualTo(At("2026-11-21T08:00:00.5Z")));
        Assert.That(Track("\"userId\":\"u\"").Row["timestamp_ms"], Is.EqualTo(Desk.Received.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Test]
    public void The_context_of_a_batch_holds_for_what_its_calls_do_not_say()
    {
        var desk = Desk.Send("""
            {"context":{"locale":"de","app":{"version":"1","build":"2"}},"batch":[
              {"type":"track","event":"e","userId":"u","context":{"app":{"version":"9"}}},{"type":"track","event":"e","userId":"u"}]}
            """, RequestShape.SegmentBatch);
        Assert.That(desk.Rows.Select(r => (r["locale"], r["app_version"], r["build_number"])), Is.EqualTo(new[] { ("de", "9", "2"), ("de", "1", "2") }));
    }

    [Test]
    public void A_page_that_a_server_tells_is_in_its_properties()
    {
        var row = Desk.Send("""{"userId":"u","name":"Home","properties":{"url":"https://a.example/x?y=1","title":"T","name":"other"}}""", RequestShape.SegmentPage).Row;
        Assert.That((row["url"], row["path"], row["title"], row["payload_json"]), Is.EqualTo(("https://a.example/x?y=1", "/x", "T", """{"url":"https://a.example/x?y=1","title":"T","name":"Home"}""")));
    }

    [TestCase("""{"type":"track","userId":"u"}""", "event.event: must not be empty")]
    [TestCase("""{"type":"track","event":"","userId":"u"}""", "event.event: must not be empty")]
    [TestCase("""{"type":"track","event":{},"userId":"u"}""", "event.event: must be text")]
    [TestCase("""{"type":"track","event":"e"}""", "event.userId: userId or anonymousId must be given")]
    [TestCase("""{"type":"buy","userId":"u"}""", "event.type: must be track, identify, page, screen, group or alias")]
    [TestCase("""{"userId":"u"}""", "event.type: must be track, identify, page, screen, group or alias")]
    [TestCase("""{"type":"page","userId":"u","timestamp":"yesterday"}""", "event.timestamp: must be an ISO 8601 time, such as 2026-11-21T09:30:00.000Z")]
    [TestCase("""{"type":"page","userId":"u","properties":[]}""", "event.properties: must be an object")]
    [TestCase("""{"type":"page","userId":"u","context":{"page":"/"}}""", "event.context.page: must be an object")]
    [TestCase("""{"type":"page","userId":"u","userId":"u"}""", "event.userId: is given twice")]
    [TestCase("""{"type":"page","userId":"u","properties":{"a":1,"a":2}}""", "event.properties.a: is given twice")]
    [TestCase("""7""", "event: must be an object")]
    public void A_call_that_cannot_be_taken_is_rejected_in_its_own_words_and_its_neighbors_are_stored(string call, string error)
    {
        var body = $$"""{"batch":[{"type":"track","event":"before","userId":"u"},{{call}},{"type":"alias","previousId":"p","userId":"u"}]}""";
        var desk = Desk.Send(body, RequestShape.SegmentBatch);
        Assert.That(desk.Result.Results[1].Error, Is.EqualTo(error));
        Assert.That(desk.Rows.Select(r => r["event_type"]), Is.EqualTo(new[] { "before", "alias" }));
        Assert.That(desk.Answer, Is.EqualTo("""{"success":true,"acceptedCount":2,"rejectedCount":1}"""), "Segment's clients look at the status alone");
        var told = JsonDocument.Parse(Desk.Send(body, RequestShape.SegmentBatch, protocol: 2).Answer).RootElement;
        Assert.That((told.GetProperty("success").GetBoolean(), told.GetProperty("results")[1].GetProperty("error").GetString()), Is.EqualTo((true, error)));
    }

    [Test]
    public void A_message_id_may_have_128_characters()
    {
        Assert.That(Track($"\"userId\":\"u\",\"messageId\":\"{new string('m', 128)}\"").Row["idempotency_key"], Is.EqualTo(new string('m', 128)));
        var violation = Track($"\"userId\":\"u\",\"messageId\":\"{new string('m', 129)}\"").Result.Violations.Single();
        Assert.That((violation.Field, violation.Code), Is.EqualTo(("event.messageId", "too_long")));
    }

    [TestCase("""{}""", "batch", "must not be empty")]
    [TestCase("""{"batch":null}""", "batch", "must not be empty")]
    [TestCase("""{"batch":[]}""", "batch", "must not be empty")]
    [TestCase("""{"batch":{}}""", "batch", "must be an array")]
    [TestCase("""{"batch":[],"batch":[]}""", "batch", "is given twice")]
    [TestCase("""{"batch":[{"type":"track"}]""", "body", "is not valid JSON at line 1, byte 28")]
    [TestCase("""{"batch":[]}x""", "body", "is not valid JSON at line 1, byte 13")]
    [TestCase("""[]""", "body", "must be an object")]
    public void A_batch_that_cannot_be_read_is_refused_whole(string body, string field, string description)
    {
        var violation = Desk.Send(body, RequestShape.SegmentBatch).Result.Violations.Single();
        Assert.That((violation.Field, violation.Description), Is.EqualTo((field, description)));
    }

    private static Desk Track(string members) => Desk.Send($$"""{"event":"e",{{members}}}""", RequestShape.SegmentTrack);

    private static string At(string time) => DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture);

    // what analytics.js 2 (npm @segment/analytics-next 1.84.3) sent from a page, call by call and as one batch
    private static List<(string Path, string Body)> Recorded()
    {
        using var file = typeof(SegmentShapeTests).Assembly.GetManifestResourceStream("Causality.Ingest.Tests.Segment.analytics-js-1.84.3.json")!;
        return [.. JsonDocument.Parse(file).RootElement.EnumerateArray().Select(r => (r.GetProperty("path").GetString()!, r.GetProperty("body").GetString()!))];
    }
}
