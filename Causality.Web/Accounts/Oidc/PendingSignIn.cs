using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Causality.Http;
using Causality.Web.Accounts.Sessions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;

namespace Causality.Web.Accounts.Oidc;

/// <summary>What a browser that went to the provider must come back with.</summary>
internal sealed record Pending(string State, string Nonce, string Verifier, string Back)
{
    /// <summary>PKCE's S256 (RFC 7636).</summary>
    public string Challenge => System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));
}

/// <summary>Keeps it in a cookie for ten minutes, under data protection. SameSite=Lax, since the way back from the provider begins at another site.</summary>
internal sealed class PendingSignIn(IDataProtectionProvider protection, PublicAddress address)
{
    private const string Cookie = "causality_oidc", Path = "/api/v1/auth/oidc";
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("Causality.PendingSignIn").ToTimeLimitedDataProtector();

    public void Keep(HttpContext context, Pending pending) =>
        context.Response.Cookies.Append(Cookie, _protector.Protect(JsonSerializer.Serialize(pending), Life), Options(context.Request, Life));

    /// <summary>Takes it out, for this one time; null where there is none, or it is too old.</summary>
    public Pending? Take(HttpContext context)
    {
        if (context.Request.Cookies[Cookie] is not { } text)
            return null;
        context.Response.Cookies.Delete(Cookie, Options(context.Request, null));
        try
        {
            return JsonSerializer.Deserialize<Pending>(_protector.Unprotect(text));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private CookieOptions Options(HttpRequest request, TimeSpan? life) =>
        new() { HttpOnly = true, Secure = !address.IsPlainLoopback(request), SameSite = SameSiteMode.Lax, Path = Path, MaxAge = life, IsEssential = true };
}
