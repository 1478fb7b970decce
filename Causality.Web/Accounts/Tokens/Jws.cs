using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Causality.Web.Accounts.Tokens;

/// <summary>
/// A JSON Web Signature in its compact form (RFC 7515) around JSON claims, of which only what we need is taken and everything else is refused: the
/// algorithm is that of the key and not the header's to choose, and keys inside of headers (jwk, jku, x5u) are never read. What was parsed is
/// not to be believed before <see cref="IsSignedBy"/>.
/// </summary>
internal sealed class Jws
{
    /// <summary>Characters of the longest token that is looked at.</summary>
    public const int MaxLength = 16_384;

    // a token in which one reader sees other claims than another is not taken apart
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly byte[] _signed;
    private readonly byte[] _signature;

    private Jws(JsonElement header, JsonElement claims, byte[] signed, byte[] signature)
    {
        (Header, Claims, _signed, _signature) = (header, claims, signed, signature);
    }

    public JsonElement Header { get; }

    public JsonElement Claims { get; }

    /// <summary>The header's <c>kid</c>.</summary>
    public string? KeyId => Header.Text("kid");

    /// <summary>Null for what is not a JWS of this form.</summary>
    public static Jws? Parse(string token)
    {
        if (token.Length > MaxLength || token.Split('.') is not [var header, var claims, var signature])
            return null;
        if (Object(header) is not { } head || Object(claims) is not { } body || Decode(signature) is not { Length: > 0 } signed)
            return null;
        // what must be understood (RFC 7515, 4.1.11) is not understood here
        return head.TryGetProperty("crit", out _) ? null : new Jws(head, body, Encoding.ASCII.GetBytes(token[..token.LastIndexOf('.')]), signed);
    }

    /// <summary>Whether the header names the key's algorithm and the signature is the key's.</summary>
    public bool IsSignedBy(JwsKey key) => Header.Text("alg") == key.Algorithm && key.Verify(_signed, _signature);

    /// <summary>A token of these claims, signed with ES256.</summary>
    public static string Sign(ECDsa key, string keyId, string type, IReadOnlyDictionary<string, object> claims)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["alg"] = JwsKey.Es256, ["kid"] = keyId, ["typ"] = type }, Plain);
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims, Plain))}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Base64url as RFC 7515 has it, where each sequence of bytes has one text: no padding, no white space, no stray bits. Null for anything else.</summary>
    public static byte[]? Decode(string text)
    {
        if (text.AsSpan().ContainsAnyExcept(Alphabet) || !Base64Url.IsValid(text))
            return null;
        var bytes = Base64Url.DecodeFromChars(text);
        return Base64Url.EncodeToString(bytes) == text ? bytes : null;
    }

    private static readonly System.Buffers.SearchValues<char> Alphabet =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private static JsonElement? Object(string part)
    {
        try
        {
            if (Decode(part) is not { } json || !Utf8.IsValid(json))
                return null;
            using var document = JsonDocument.Parse(json, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Reading the members of a token; what is missing or of another kind is null.</summary>
internal static class TokenMembers
{
    public static string? Text(this JsonElement json, string name)
    {
        try
        {
            return json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;   // half of a surrogate pair
        }
    }

    /// <summary>A time as seconds since 1970 (RFC 7519, NumericDate).</summary>
    public static DateTimeOffset? Time(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null;
}
