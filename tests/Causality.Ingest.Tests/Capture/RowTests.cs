using System.Security.Cryptography;
using System.Text;
using Causality.Ingest.Capture;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Capture;

[TestFixture]
internal sealed class RowTests
{
    private static readonly long Received = Desk.Received.ToUnixTimeMilliseconds();

    [Test]
    public void A_mobile_event_fills_its_columns()
    {
        var desk = Desk.Single("""
            {
              "idempotencyKey": "8f14e45f-ceea-467f-9575-1a3d1d2f9f10",
              "deviceId": "device-1", "timestampMs": "1795253400000", "correlationId": "c", "userId": "u", "sessionId": "s", "sequence": "7",
              "deviceContext": {
                "platform": "PLATFORM_IOS", "osVersion": "18.1", "appVersion": "4.2.0", "buildNumber": "420", "deviceModel": "iPhone16,1",
                "manufacturer": "Apple", "screenWidth": 1179, "screenHeight": 2556, "locale": "de-AT", "timezone": "Europe/Vienna",
                "networkType": "NETWORK_TYPE_WIFI", "carrier": "A1", "isEmulator": true, "sdkVersion": "1.0.0"
              },
              "productView": { "productId": "p-1", "productName": "Boots", "priceCents": "12900", "currency": "EUR" }
            }
            """);
        var row = new Dictionary<string, string>(desk.Row);
        row.Remove("id");
        Assert.That(row, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["app_id"] = "shop", ["device_id"] = "device-1", ["timestamp_ms"] = "1795253400000", ["received_at_ms"] = "1795253400000",
            ["idempotency_key"] = "8f14e45f-ceea-467f-9575-1a3d1d2f9f10", ["correlation_id"] = "c", ["user_id"] = "u", ["session_id"] = "s", ["sequence"] = "7",
            ["event_category"] = "commerce", ["event_type"] = "product_view", ["ip_hash"] = Desk.IpHash,
            ["platform"] = "ios", ["os"] = "ios", ["os_version"] = "18.1", ["app_version"] = "4.2.0", ["build_number"] = "420", ["device_model"] = "iPhone16,1",
            ["manufacturer"] = "Apple", ["screen_width"] = "1179", ["screen_height"] = "2556", ["locale"] = "de-AT", ["timezone"] = "Europe/Vienna",
            ["network_type"] = "wifi", ["carrier"] = "A1", ["is_jailbroken"] = "0", ["is_emulator"] = "1", ["sdk_version"] = "1.0.0",
            ["payload_json"] = """{"product_id":"p-1","product_name":"Boots","category":"","price_cents":12900,"currency":"EUR","source":""}""",
        }));
    }

    [Test]
    public void What_the_client_does_not_say_is_absent() =>
        Assert.That(Desk.With("\"id\":\"\",\"deviceContext\":null,\"userId\":\"\",\"appStart\":{}").Row.Keys, Is.EquivalentTo(new[]
        {
            "app_id", "id", "device_id", "timestamp_ms", "received_at_ms", "idempotency_key", "event_category", "event_type", "ip_hash", "payload_json", "flags",
        }));

    [Test]
    public void A_page_fills_its_columns()
    {
        var row = Desk.With("""
            "webContext":{"url":"https://shop.example/a/b?utm_source=x#top","referrer":"https://r.example/","title":"T","userAgent":"Mozilla/5.0","viewportWidth":800,"utmSource":"news","utmMedium":"mail","utmCampaign":"c","utmTerm":"t","utmContent":"n"},"appStart":{}
            """).Row;
        Assert.That(new[] { "url", "path", "referrer", "title", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content" }.Select(c => row[c]),
            Is.EqualTo(new[] { "https://shop.example/a/b?utm_source=x#top", "/a/b", "https://r.example/", "T", "news", "mail", "c", "t", "n" }));
        Assert.That(row.Values, Has.None.Contains("Mozilla"));
    }

    [TestCase("https://a.example", "/")]
    [TestCase("https://a.example?x=/y", "/")]
    [TestCase("/a?b", "/a")]
    [TestCase("//a.example/b", "")]
    [TestCase("a/b", "")]
    [TestCase("", "")]
    public void The_path_is_taken_from_the_url(string url, string path) =>
        Assert.That(Encoding.UTF8.GetString(ContextColumns.PathOf(Encoding.UTF8.GetBytes(url))), Is.EqualTo(path));

    [TestCase("userLogin", "user", "login")]
    [TestCase("userLogout", "user", "logout")]
    [TestCase("userSignup", "user", "signup")]
    [TestCase("userProfileUpdate", "user", "profile_update")]
    [TestCase("swipeGesture", "interaction", "swipe")]
    [TestCase("scrollEvent", "interaction", "scroll")]
    [TestCase("longPress", "interaction", "long_press")]
    [TestCase("doubleTap", "interaction", "double_tap")]
    [TestCase("checkoutStep", "commerce", "checkout_step")]
    [TestCase("purchaseFailed", "commerce", "purchase_failed")]
    [TestCase("appCrash", "system", "app_crash")]
    [TestCase("batteryChange", "system", "battery_change")]
    public void A_payload_has_a_category_and_a_type(string payload, string category, string type)
    {
        var row = Desk.With($$"""
            "{{payload}}":{}
            """).Row;
        Assert.That((row["event_category"], row["event_type"]), Is.EqualTo((category, type)));
    }

    [Test]
    public void The_user_of_a_user_event_is_its_payloads_where_the_envelope_has_none()
    {
        Assert.That(Desk.With("\"userLogin\":{\"userId\":\"u\"}").Row["user_id"], Is.EqualTo("u"));
        Assert.That(Desk.With("\"userId\":\"e\",\"userLogin\":{\"userId\":\"u\"}").Row["user_id"], Is.EqualTo("e"));
    }

    [Test]
    public void The_maps_of_a_custom_event_become_one_object_and_the_later_wins()
    {
        var desk = Desk.With("""
            "customEvent":{"eventName":"upgrade","boolParams":{"paid":false},"stringParams":{"plan":"pro","seats":"two","paid":"no"},"floatParams":{"rate":0.5},"intParams":{"seats":"2"},"note":"kept"}
            """);
        Assert.That((desk.Row["event_category"], desk.Row["event_type"]), Is.EqualTo(("custom", "upgrade")));
        Assert.That(desk.Payload, Is.EqualTo("""{"plan":"pro","seats":2,"rate":0.5,"paid":false,"note":"kept"}"""));
    }

    [Test]
    public void Lists_messages_and_maps_are_written_where_there_are_any()
    {
        Assert.That(Desk.With("""
            "purchaseComplete":{"orderId":"o","items":[{"productId":"p","quantity":2},{}]}
            """).Payload, Is.EqualTo("""{"order_id":"o","cart_id":"","item_count":0,"total_cents":0,"currency":"","payment_method":"","items":[{"product_id":"p","product_name":"","quantity":2,"price_cents":0},{"product_id":"","product_name":"","quantity":0,"price_cents":0}]}"""));
        Assert.That(Desk.With("""
            "screenView":{"screenName":"s","params":{"a":"1"}}
            """).Payload, Does.EndWith("""
            "params":{"a":"1"}}
            """.Trim()));
        Assert.That(Desk.With("""
            "userProfileUpdate":{"fieldsUpdated":["a","b"]}
            """).Payload, Is.EqualTo("""{"user_id":"","fields_updated":["a","b"]}"""));
    }

    [Test]
    public void The_id_of_an_event_with_a_key_is_the_same_every_time()
    {
        var id = Guid.Parse(Desk.With("\"idempotencyKey\":\"k\",\"appStart\":{}").Row["id"]);
        var hash = SHA256.HashData("shop\0k"u8);
        (hash[6], hash[8]) = ((byte)(hash[6] & 0x0F | 0x80), (byte)(hash[8] & 0x3F | 0x80));
        Assert.That(id, Is.EqualTo(new Guid(hash.AsSpan(0, 16), bigEndian: true)));
        Assert.That((id.Version, id.Variant >> 2), Is.EqualTo((8, 2)));
    }

    [Test]
    public void An_event_without_id_and_key_gets_a_new_id_that_is_its_key_too()
    {
        var row = Desk.With("\"appStart\":{}").Row;
        Assert.That(Guid.Parse(row["id"]).Version, Is.EqualTo(7));
        Assert.That(row["idempotency_key"], Is.EqualTo(row["id"]));
        Assert.That(Desk.With("\"id\":\"mine\",\"appStart\":{}").Row["idempotency_key"], Is.EqualTo("mine"));
    }

    [TestCase(-59_999, 0, null)]
    [TestCase(59_999, 0, null)]
    [TestCase(0, 0, null)]
    [TestCase(60_000, 60_000, "skewed")]
    [TestCase(90_000, 120_000, "skewed")]
    [TestCase(-3_600_000 + 12_000, -3_600_000, "skewed")]
    [TestCase(-90_000_000, -90_000_000, "skewed,late", 2_600_000_000)]
    public void The_clients_clock_is_corrected_by_whole_minutes(long skew, long correction, string? flags, long age = 1000)
    {
        var happened = Received - skew - age;
        var row = Desk.Single($$$"""{"deviceId":"d","timestampMs":{{{happened}}},"sentAtMs":{{{Received - skew}}},"appStart":{}}""").Row;
        Assert.That(row["timestamp_ms"], Is.EqualTo($"{happened + correction}"));
        Assert.That(row.GetValueOrDefault("client_timestamp_ms"), Is.EqualTo(correction == 0 ? null : $"{happened}"));
        Assert.That(row.GetValueOrDefault("flags"), Is.EqualTo(flags));
    }

    [TestCase(24 * 3600_000L, null)]
    [TestCase((24 * 3600_000L) + 1, "future")]
    [TestCase(-30 * 24 * 3600_000L, null)]
    [TestCase((-30 * 24 * 3600_000L) - 1, "late")]
    public void Far_from_now_is_flagged_not_refused(long distance, string? flag) =>
        Assert.That(Desk.Single($$$"""{"deviceId":"d","timestampMs":{{{Received + distance}}},"appStart":{}}""").Row.GetValueOrDefault("flags"), Is.EqualTo(flag));

    [TestCase("0", "must be greater than 0")]
    [TestCase("-1", "must be greater than 0")]
    [TestCase("253402300800000", "must be before the year 10000")]
    [TestCase("1,\"sentAtMs\":253402300799999", "is not between 1970 and 9999 after correction by sent_at_ms")]
    public void A_time_outside_1970_to_9999_is_refused(string time, string reason) =>
        Assert.That(Desk.Single($$$"""{"deviceId":"d","timestampMs":{{{time}}},"appStart":{}}""").Result.Violations.Single(),
            Is.EqualTo(new Violation("event.timestamp_ms", reason, "invalid")));
}
