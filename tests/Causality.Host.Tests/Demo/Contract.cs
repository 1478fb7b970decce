using System.Globalization;
using System.Text.Json;

namespace Causality.Host.Tests.Demo;

/// <summary>
/// The event contract as a client reads it, written down apart from the code under test: the payloads' fields and kinds
/// (s text, i 32-bit number, l 64-bit number as text, b flag, e enum), starred ones not empty.
/// </summary>
internal static class Contract
{
    private static readonly Dictionary<string, string> Payloads = new(StringComparer.Ordinal)
    {
        ["userLogin"] = "userId:s method:s isNewUser:b",
        ["userSignup"] = "userId:s method:s referralSource:s",
        ["screenView"] = "screenName:s* screenClass:s previousScreen:s",
        ["buttonTap"] = "buttonId:s* buttonText:s screenName:s",
        ["scrollEvent"] = "screenName:s* containerId:s scrollDepthPercent:i direction:e",
        ["productView"] = "productId:s* productName:s category:s priceCents:l currency:s source:s",
        ["addToCart"] = "productId:s* productName:s quantity:i priceCents:l currency:s cartId:s",
        ["removeFromCart"] = "productId:s* quantity:i cartId:s reason:s",
        ["checkoutStart"] = "cartId:s* itemCount:i totalCents:l currency:s",
        ["checkoutStep"] = "cartId:s* stepNumber:i stepName:s stepDurationMs:l",
        ["purchaseComplete"] = "orderId:s* cartId:s itemCount:i totalCents:l currency:s paymentMethod:s items:items",
        ["purchaseFailed"] = "cartId:s* errorCode:s errorMessage:s paymentMethod:s checkoutStep:i",
        ["appStart"] = "isColdStart:b launchDurationMs:l launchSource:s deeplinkUrl:s",
        ["appBackground"] = "foregroundDurationMs:l currentScreen:s",
        ["appCrash"] = "crashType:s* crashMessage:s stackTrace:s currentScreen:s",
        ["permissionRequest"] = "permissionType:s* triggerScreen:s",
        ["permissionResult"] = "permissionType:s* status:e",
        ["customEvent"] = "eventName:s* stringParams:texts intParams:longs",
        ["deviceContext"] = "platform:e osVersion:s appVersion:s buildNumber:s deviceModel:s manufacturer:s screenWidth:i screenHeight:i locale:s timezone:s networkType:e carrier:s sdkVersion:s",
        ["webContext"] = "url:s path:s referrer:s title:s userAgent:s viewportWidth:i viewportHeight:i utmSource:s utmMedium:s utmCampaign:s",
        ["item"] = "productId:s* productName:s quantity:i priceCents:l",
    };

    private static readonly Dictionary<string, string> Enums = new(StringComparer.Ordinal)
    {
        ["platform"] = "PLATFORM_IOS PLATFORM_ANDROID PLATFORM_WEB",
        ["networkType"] = "NETWORK_TYPE_WIFI NETWORK_TYPE_CELLULAR_4G NETWORK_TYPE_CELLULAR_5G NETWORK_TYPE_ETHERNET",
        ["direction"] = "SCROLL_DIRECTION_UP SCROLL_DIRECTION_DOWN",
        ["status"] = "PERMISSION_STATUS_GRANTED PERMISSION_STATUS_DENIED",
    };

    public static IEnumerable<string> Violations(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        var fields = document.RootElement.EnumerateObject().ToList();
        if (fields.Select(f => f.Name).Distinct(StringComparer.Ordinal).Count() != fields.Count)
            yield return "a name is there twice";
        foreach (var needed in new[] { "appId", "deviceId", "sessionId", "timestampMs", "idempotencyKey", "deviceContext" })
        {
            if (!document.RootElement.TryGetProperty(needed, out _))
                yield return $"{needed} is missing";
        }
        var payloads = 0;
        foreach (var field in fields)
        {
            if (field.Name is "appId" or "deviceId" or "userId" or "sessionId" or "idempotencyKey")
            {
                if (field.Value.GetString() is not { Length: > 0 and <= 128 })
                    yield return $"{field.Name} is empty or long";
            }
            else if (field.Name == "timestampMs")
            {
                if (!Fits(field, "l"))
                    yield return "timestampMs is not a 64-bit integer as text";
            }
            else
            {
                payloads += field.Name is "deviceContext" or "webContext" ? 0 : 1;
                foreach (var violation in Message(field.Name, field.Value))
                    yield return violation;
            }
        }
        if (payloads != 1)
            yield return $"{payloads} payloads";
    }

    private static IEnumerable<string> Message(string name, JsonElement value)
    {
        if (!Payloads.TryGetValue(name, out var definition))
            return [$"{name} is not of the contract"];
        var kinds = definition.Split(' ').Select(d => d.Split(':')).ToDictionary(d => d[0], d => d[1], StringComparer.Ordinal);
        var missing = kinds.Where(k => k.Value.EndsWith('*') && !(value.TryGetProperty(k.Key, out var v) && v.GetString() is { Length: > 0 })).Select(k => $"{name}.{k.Key} is empty");
        return [.. missing, .. value.EnumerateObject().Where(f => !kinds.TryGetValue(f.Name, out var kind) || !Fits(f, kind.TrimEnd('*'))).Select(f => $"{name}.{f.Name}")];
    }

    private static bool Fits(JsonProperty field, string kind) => kind switch
    {
        "s" => field.Value.ValueKind == JsonValueKind.String,
        "i" => field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetInt32(out _),
        "l" => field.Value.ValueKind == JsonValueKind.String && long.TryParse(field.Value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out _),
        "b" => field.Value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "e" => Enums[field.Name].Split(' ').Contains(field.Value.GetString()),
        "texts" => field.Value.EnumerateObject().All(p => p.Value.ValueKind == JsonValueKind.String),
        "longs" => field.Value.EnumerateObject().All(p => Fits(p, "l")),
        "items" => field.Value.GetArrayLength() > 0 && field.Value.EnumerateArray().All(item => !Message("item", item).Any()),
        _ => false,
    };
}
