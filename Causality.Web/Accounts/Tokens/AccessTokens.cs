using Causality.Http;

namespace Causality.Web.Accounts.Tokens;

/// <summary>
/// Access tokens: JWTs that say who asks in which session, signed with ES256 by one of the installation's keys, good for 15 minutes on every host.
/// Whether the session still lasts is not theirs to say: <see cref="IAccess"/> knows.
/// </summary>
internal sealed class AccessTokens(ISigningKeys keys, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    private const string Type = "at+jwt", Issuer = "causality", Audience = "causality-api";   // RFC 9068
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);   // between the clocks of our hosts

    public async ValueTask<string> Issue(Guid user, string email, Guid session, CancellationToken ct)
    {
        var key = await keys.Current(ct);
        var now = clock.GetUtcNow();
        return Jws.Sign(key.Private!.Value!, key.Id, Type, new Dictionary<string, object>
        {
            ["iss"] = Issuer,
            ["aud"] = Audience,
            ["sub"] = user,
            ["email"] = email,
            ["sid"] = session,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + Life).ToUnixTimeSeconds(),
        });
    }

    /// <summary>Whom the token was issued to; null for any that was not issued here, or has ended.</summary>
    public async ValueTask<Actor?> Read(string token, CancellationToken ct)
    {
        if (Jws.Parse(token) is not { KeyId: { } id } jws || jws.Header.Text("typ") != Type || await keys.Find(id, ct) is not { } key || !jws.IsSignedBy(key))
            return null;
        var (claims, now) = (jws.Claims, clock.GetUtcNow());
        return claims.Text("iss") == Issuer && claims.Text("aud") == Audience
            && claims.Time("exp") > now && claims.Time("iat") <= now + Skew && (!claims.TryGetProperty("nbf", out _) || claims.Time("nbf") <= now + Skew)
            && Guid.TryParse(claims.Text("sub"), out var user) && Guid.TryParse(claims.Text("sid"), out var session) && claims.Text("email") is { Length: > 0 } email
                ? new Actor(user, email, session) : null;
    }
}
