using System.Text.Json;
using Causality.Web.Accounts.Tokens;

namespace Causality.Web.Accounts.Oidc;

/// <summary>Who a person is at the provider.</summary>
/// <param name="Email">Null where the provider does not say.</param>
/// <param name="EmailVerified">Whether the provider knows that the address is theirs.</param>
internal sealed record Identity(string Issuer, string Subject, string? Email, bool EmailVerified, string Name)
{
    /// <summary>Takes the e-mail from another answer about the same person.</summary>
    public Identity With(JsonElement claims) => this with { Email = claims.Text("email"), EmailVerified = Verified(claims), Name = claims.Text("name") ?? Name };

    public static bool Verified(JsonElement claims) =>
        claims.TryGetProperty("email_verified", out var verified) && (verified.ValueKind == JsonValueKind.True || (verified.ValueKind == JsonValueKind.String && verified.ValueEquals("true")));
}

/// <summary>The checks of an ID token (OpenID Connect Core 1.0, 3.1.3.7), all of them, with two minutes between the clocks.</summary>
internal static class IdToken
{
    private const int MaxSubject = 255;
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(2);

    /// <summary>Throws <see cref="OidcException"/> naming what is wrong.</summary>
    public static Identity Read(Jws jws, IReadOnlyList<JwsKey> keys, string issuer, string client, string nonce, DateTimeOffset now)
    {
        var claims = jws.Claims;
        Refuse(!keys.Any(jws.IsSignedBy), "no key of the provider has signed it");
        Refuse(claims.Text("iss") != issuer, "another issuer");
        var audience = Audience(claims);
        Refuse(!audience.Contains(client), "another audience");
        Refuse((audience.Count > 1 || claims.TryGetProperty("azp", out _)) && claims.Text("azp") != client, "another authorized party");
        Refuse(!(claims.Time("exp") > now - Skew), "it has expired");
        Refuse(!(claims.Time("iat") <= now + Skew), "it was issued in the future");
        Refuse(claims.TryGetProperty("nbf", out _) && !(claims.Time("nbf") <= now + Skew), "it is not valid yet");
        Refuse(claims.Text("nonce") != nonce, "another nonce");
        var subject = claims.Text("sub");
        Refuse(subject is not { Length: > 0 and <= MaxSubject } || subject.Contains('\0'), "no subject");
        return new Identity(issuer, subject!, claims.Text("email"), Identity.Verified(claims), claims.Text("name") ?? "");
    }

    private static List<string> Audience(JsonElement claims) => claims.TryGetProperty("aud", out var aud) ? aud.ValueKind switch
    {
        JsonValueKind.String => [claims.Text("aud") ?? ""],
        JsonValueKind.Array => [.. aud.EnumerateArray().Where(a => a.ValueKind == JsonValueKind.String).Select(a => a.GetString()!)],
        _ => [],
    } : [];

    private static void Refuse(bool wrong, string why)
    {
        if (wrong)
            throw new OidcException("provider-refused", $"The ID token is not good: {why}.");
    }
}
