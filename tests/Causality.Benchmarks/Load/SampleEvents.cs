using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Causality.Contracts.Events;

namespace Causality.Benchmarks.Load;

/// <summary>
/// The events that are sent, as HTTP body and as the batch that travels on the bus: five kinds of a shop's app, about 600 bytes of JSON each.
/// Only the idempotency key differs from event to event.
/// </summary>
internal static class SampleEvents
{
    public const int KeyLength = 32;
    private const string Context =
        """{"platform":"PLATFORM_ANDROID","osVersion":"14","appVersion":"3.4.0","buildNumber":"340","deviceModel":"Galaxy A54","manufacturer":"Samsung","screenWidth":384,"screenHeight":854,"locale":"de-DE","timezone":"Europe/Berlin","networkType":"NETWORK_TYPE_WIFI","sdkVersion":"mobile-2.1.0"}""";

    private static readonly (string Wire, string Fields, string Category, string Type, string Stored)[] Payloads =
    [
        ("screenView", """{"screenName":"Product","previousScreen":"Category"}""", "screen", "view", """{"screen_name":"Product","screen_class":"","previous_screen":"Category"}"""),
        ("productView", """{"productId":"P1044","productName":"Alpine T-Shirt","category":"shirts","priceCents":"4299","currency":"EUR","source":"search"}""", "commerce", "product_view",
            """{"product_id":"P1044","product_name":"Alpine T-Shirt","category":"shirts","price_cents":4299,"currency":"EUR","source":"search"}"""),
        ("buttonTap", """{"buttonId":"wishlist","buttonText":"Save for later","screenName":"Product"}""", "interaction", "button_tap", """{"button_id":"wishlist","button_text":"Save for later","screen_name":"Product"}"""),
        ("addToCart", """{"productId":"P1044","productName":"Alpine T-Shirt","quantity":1,"priceCents":"4299","currency":"EUR","cartId":"cart-05837b26a15640fb"}""", "commerce", "add_to_cart",
            """{"product_id":"P1044","product_name":"Alpine T-Shirt","quantity":1,"price_cents":4299,"currency":"EUR","cart_id":"cart-05837b26a15640fb"}"""),
        ("customEvent", """{"eventName":"search","stringParams":{"query":"shirts"},"intParams":{"results":"16"}}""", "custom", "search", """{"query":"shirts","results":16}"""),
    ];

    /// <summary>The body of a batch request, keys as a row of zeros.</summary>
    public static byte[] Batch(int events, DateTimeOffset at) =>
        Encoding.UTF8.GetBytes($$"""{"events":[{{string.Join(',', Enumerable.Range(0, events).Select(i => Event(i, at)))}}]}""");

    /// <summary>The body of a request for one event.</summary>
    public static byte[] Single(DateTimeOffset at) => Encoding.UTF8.GetBytes($$"""{"event":{{Event(1, at)}}}""");

    /// <summary>The same events as they travel on the bus.</summary>
    public static byte[] OnTheBus(int events, DateTimeOffset at)
    {
        using var writer = new EventBatchWriter();
        for (var i = 0; i < events; i++)
        {
            writer.Begin();
            foreach (var (column, value) in Row(events == 1 ? 1 : i, at))
            {
                if (value is string text)
                    writer.Text(column, Encoding.UTF8.GetBytes(text));
                else
                    writer.Number(column, (long)value);
            }
            writer.Commit();
        }
        return writer.Written.ToArray();
    }

    /// <summary>The same event as a row of the lake.</summary>
    public static IEnumerable<(EventColumn Column, object Value)> Row(int kind, DateTimeOffset at)
    {
        var payload = Payloads[kind % Payloads.Length];
        var context = JsonNode.Parse(Context)!;
        string Text(string name) => (string)context[name]!;
        return
        [
            (EventColumn.AppId, "bench"), (EventColumn.Id, "018f2b1e-9c5d-8a44-b8a1-0c7d5e6f7a8b"), (EventColumn.DeviceId, "d-a4bd5ca8fb880d52"), (EventColumn.UserId, "u-a4bd5ca8fb880d52"),
            (EventColumn.SessionId, "05837b26a15640fb-s649"), (EventColumn.TimestampMs, at.ToUnixTimeMilliseconds()), (EventColumn.ReceivedAtMs, at.ToUnixTimeMilliseconds()),
            (EventColumn.IdempotencyKey, new string('0', KeyLength)), (EventColumn.EventCategory, payload.Category), (EventColumn.EventType, payload.Type), (EventColumn.Platform, "android"),
            (EventColumn.OsVersion, Text("osVersion")), (EventColumn.AppVersion, Text("appVersion")), (EventColumn.BuildNumber, Text("buildNumber")), (EventColumn.DeviceModel, Text("deviceModel")),
            (EventColumn.Manufacturer, Text("manufacturer")), (EventColumn.ScreenWidth, 384L), (EventColumn.ScreenHeight, 854L), (EventColumn.Locale, Text("locale")), (EventColumn.Timezone, Text("timezone")),
            (EventColumn.NetworkType, "wifi"), (EventColumn.SdkVersion, Text("sdkVersion")), (EventColumn.PayloadJson, payload.Stored), (EventColumn.Os, "android"), (EventColumn.DeviceType, "mobile"),
        ];
    }

    private static string Event(int kind, DateTimeOffset at)
    {
        var (wire, fields, _, _, _) = Payloads[kind % Payloads.Length];
        var ms = at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        return $$"""{"deviceId":"d-a4bd5ca8fb880d52","userId":"u-a4bd5ca8fb880d52","sessionId":"05837b26a15640fb-s649","timestampMs":"{{ms}}","idempotencyKey":"{{new string('0', KeyLength)}}","deviceContext":{{Context}},"{{wire}}":{{fields}}}""";
    }
}
