using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Causality.Host.Demo;

/// <summary>The web page an event happened on; empty members are left out.</summary>
internal sealed record Page(string Path, string Title, string Referrer, Source? Campaign);

/// <summary>
/// Writes one event as protobuf JSON of the event contract: camelCase names, 64-bit integers as strings, no id but an idempotency key,
/// so that sending the same history twice stores it once.
/// </summary>
internal sealed class EventJson(Shop shop, Shopper shopper, string session)
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);

    public byte[] Write(long atMs, Release release, string network, Page? page, string payload, Action<Utf8JsonWriter> fields)
    {
        _buffer.ResetWrittenCount();
        using var json = new Utf8JsonWriter(_buffer, Plain);
        json.WriteStartObject();
        json.Text("appId", shop.AppId);
        json.Text("deviceId", $"d-{shopper.Number}");
        json.Text("userId", shopper.Registered ? $"u-{shopper.Number}" : "");
        json.Text("sessionId", session);
        json.Long("timestampMs", atMs);
        json.Text("idempotencyKey", shop.NextKey());
        Context(json, release, network);
        if (page is not null)
            Web(json, page);
        json.WriteStartObject(payload);
        fields(json);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return _buffer.WrittenSpan.ToArray();
    }

    private void Context(Utf8JsonWriter json, Release release, string network)
    {
        var device = shopper.Device;
        json.WriteStartObject("deviceContext");
        json.Text("platform", device.Platform switch { Platform.Ios => "PLATFORM_IOS", Platform.Android => "PLATFORM_ANDROID", _ => "PLATFORM_WEB" });
        json.Text("osVersion", device.OsVersion);
        json.Text("appVersion", release.Version);
        json.Text("buildNumber", release.Build);
        json.Text("deviceModel", device.Model);
        json.Text("manufacturer", device.Manufacturer);
        json.WriteNumber("screenWidth", device.Width);
        json.WriteNumber("screenHeight", device.Height);
        json.Text("locale", shopper.Market.Locale);
        json.Text("timezone", shopper.Market.TimeZone);
        json.Text("networkType", network);
        json.Text("carrier", network.StartsWith("NETWORK_TYPE_CELLULAR", StringComparison.Ordinal) ? shopper.Carrier : "");
        json.Text("sdkVersion", device.Platform == Platform.Web ? "web-1.4.2" : "mobile-2.1.0");
        json.WriteEndObject();
    }

    private void Web(Utf8JsonWriter json, Page page)
    {
        json.WriteStartObject("webContext");
        json.Text("url", $"https://shop.example{page.Path}");
        json.Text("path", page.Path.Split('?')[0]);
        json.Text("referrer", page.Referrer);
        json.Text("title", page.Title);
        json.Text("userAgent", shopper.Device.UserAgent);
        json.WriteNumber("viewportWidth", shopper.Device.Width);
        json.WriteNumber("viewportHeight", shopper.Device.Height);
        json.Text("utmSource", page.Campaign?.UtmSource ?? "");
        json.Text("utmMedium", page.Campaign?.UtmMedium ?? "");
        json.Text("utmCampaign", page.Campaign?.UtmCampaign ?? "");
        json.WriteEndObject();
    }
}

internal static class JsonFields
{
    public static void Text(this Utf8JsonWriter json, string name, string value)
    {
        if (value.Length > 0)
            json.WriteString(name, value);
    }

    public static void Long(this Utf8JsonWriter json, string name, long value) => json.WriteString(name, value.ToString(CultureInfo.InvariantCulture));
}
