using System.Buffers.Text;
using System.Text;
using Causality.Ingest.Capture;
using Microsoft.AspNetCore.Http;

namespace Causality.Ingest.Receiving;

/// <summary>
/// What old browsers and beacons send so that no preflight is needed: a form (<c>application/x-www-form-urlencoded</c>, or the same as <c>text/plain</c>) whose
/// field <c>data</c>, or <c>e</c>, holds JSON or base64 of JSON, and whose field <c>api_key</c> may hold the key. JSON that is only called a form is JSON.
/// </summary>
internal static class FormBody
{
    private const string Form = "application/x-www-form-urlencoded", Plain = "text/plain";

    private static readonly BodyFault NoData = new(400, "invalid", "is a form without the field data or e, which holds the JSON");
    private static readonly BodyFault NotJson = new(400, "invalid", "is a form whose field data or e holds neither JSON nor base64 of JSON");

    /// <summary>Whether a request says that its body is a form.</summary>
    public static bool IsSaid(HttpRequest request) => Is(request, Form);

    public static bool Is(HttpRequest request, ReadOnlySpan<byte> body) =>
        body.TrimStart(" \t\r\n"u8) is not ([] or [(byte)'{' or (byte)'[', ..]) && (IsSaid(request) || (Is(request, Plain) && (body.StartsWith("data="u8) || body.StartsWith("e="u8))));

    /// <summary>Leaves the JSON in <paramref name="into"/>, and the key that came beside it; null, or why there is none.</summary>
    public static BodyFault? Read(ReadOnlySpan<byte> form, BodyBuffer into)
    {
        ReadOnlySpan<byte> data = [];
        foreach (var range in form.Split((byte)'&'))
        {
            var field = form[range];
            var equals = field.IndexOf((byte)'=');
            if (equals < 0)
                continue;
            var value = field[(equals + 1)..];
            switch (field[..equals])
            {
                case [(byte)'d', (byte)'a', (byte)'t', (byte)'a'] or [(byte)'e'] when data.IsEmpty:
                    data = value;
                    break;
                case var name when name.SequenceEqual("api_key"u8):
                    into.Key = Encoding.UTF8.GetString(value);   // letters and digits, which nothing encodes
                    break;
            }
        }
        if (data.IsEmpty)
            return NoData;
        into.Append(data);
        if (into.Fault is { } fault)
            return fault;
        into.Truncate(Utf8Text.UnescapeQuery(into.Written.Span, into.Editable));
        return into.Written.Span is [(byte)'{' or (byte)'[', ..] || TryFromBase64(into) ? null : NotJson;
    }

    private static bool Is(HttpRequest request, string type)
    {
        ReadOnlySpan<char> said = request.ContentType;
        return said[..(said.IndexOfAny(';', ' ') is >= 0 and var end ? end : said.Length)].Equals(type, StringComparison.OrdinalIgnoreCase);
    }

    // in either alphabet, padded or not, and with the + that a careless client did not escape
    private static bool TryFromBase64(BodyBuffer body)
    {
        var text = body.Editable;
        text.Replace((byte)' ', (byte)'-');
        text.Replace((byte)'+', (byte)'-');
        text.Replace((byte)'/', (byte)'_');
        if (!Base64Url.IsValid(text))
            return false;
        body.Truncate(Base64Url.DecodeFromUtf8InPlace(text));
        return body.Written.Span is [(byte)'{' or (byte)'[', ..];
    }
}
