using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Causality.Ingest.Capture;
using Microsoft.AspNetCore.Http;

namespace Causality.Ingest.Receiving;

/// <summary>
/// Where a client may put its API key: <c>X-API-Key</c>, the user name of Basic authorization, or, for beacons, <c>?api_key=</c>, the field
/// <c>api_key</c> of a form, the member <c>api_key</c> of a flat body and <c>writeKey</c> of Segment's.
/// </summary>
internal static class PresentedKey
{
    public const string Header = "X-API-Key";

    /// <summary>The key as it was sent, or null where none was.</summary>
    public static string? Of(HttpRequest request) =>
        NotEmpty(request.Headers[Header].ToString())
        ?? NotEmpty(BasicUser(request.Headers.Authorization.ToString()))
        ?? (request.QueryString.HasValue ? NotEmpty(request.Query["api_key"].ToString()) : null);

    /// <summary>The key that came with a body: beside its JSON in a form, or, in shapes that have it there, as a member.</summary>
    public static string? In(BodyBuffer body, RequestShape shape) =>
        NotEmpty(body.Key ?? "") ?? (shape.IsFlat() ? In(body.Written.Span, "api_key"u8) : shape.IsSegment() ? In(body.Written.Span, "writeKey"u8) : null);

    /// <summary>The body's own member of this name, or null where there is none in what can be read.</summary>
    public static string? In(ReadOnlySpan<byte> body, ReadOnlySpan<byte> name)
    {
        var json = new Utf8JsonReader(body);
        try
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var named = json.ValueTextEquals(name);
                json.Read();
                if (named)
                    return json.TokenType == JsonTokenType.String ? NotEmpty(json.GetString()) : null;
                json.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // broken JSON, or text with half a surrogate pair: no key in it
        }
        return null;
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string? BasicUser(string authorization)
    {
        if (!AuthenticationHeaderValue.TryParse(authorization, out var header) || header.Parameter is not { } parameter
            || !header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
            return null;
        var bytes = new byte[parameter.Length];
        if (!Convert.TryFromBase64String(parameter, bytes, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        return pair.IndexOf(':') is >= 0 and var colon ? pair[..colon] : pair;
    }
}
