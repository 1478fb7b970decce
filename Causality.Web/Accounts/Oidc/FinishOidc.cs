using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Causality.Contracts;
using Causality.Http;
using Causality.Web.Accounts.Sessions;
using Causality.Web.Accounts.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Causality.Web.Accounts.Oidc;

/// <summary>
/// GET /api/v1/auth/oidc/callback: the browser is back from the provider. The code becomes an ID token, the identity an account, the account a session. Then
/// a page of our own goes on to the app, since the session's cookies are not sent along a way that began at another site. What fails leads
/// back to the sign-in page, which says why.
/// </summary>
internal static class FinishOidc
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/oidc/callback", Handle).WithName("finish-oidc").AllowAnonymous().RequireRateLimiting(SignIn.PerAddress)
            .Produces(StatusCodes.Status200OK, contentType: "text/html").Produces(StatusCodes.Status302Found);

    internal static async Task<IResult> Handle(HttpContext context, PendingSignIn pending, OidcSignIn signIn, SessionIssuer sessions, ILogger<Provider> log, CancellationToken ct,
        string? state = null, string? code = null, string? error = null, string? iss = null)
    {
        var sent = pending.Take(context);
        try
        {
            if (sent is null || state is null || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(state), Encoding.UTF8.GetBytes(sent.State)))
                throw new OidcException("sign-in-expired", "The browser came back without having been sent, or too late.");
            if (error is not null || code is null)
                throw new OidcException("provider-refused", $"The provider answered {Printable(error ?? "without a code")}.");
            var identity = await signIn.Identify(context, code, iss, sent, ct);
            await sessions.Begin(context, await signIn.AccountOf(context, identity, ct), SessionKind.Cookie, ct);
            return GoOn(context, "/app" + sent.Back);
        }
        catch (OidcException failed)
        {
            log.OidcFailed(failed, failed.Code);
            return TypedResults.Redirect(StartOidc.Failure(failed.Code, sent?.Back ?? "/"));
        }
        catch (RefusedException refused)
        {
            return TypedResults.Redirect(StartOidc.Failure(refused.Code, sent?.Back ?? "/"));
        }
    }

    private static ContentHttpResult GoOn(HttpContext context, string path)
    {
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";   // the address has the code in it
        var address = HtmlEncoder.Default.Encode(path);
        return TypedResults.Content($"""<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={address}"><title>Causality</title><p><a href="{address}">Go on to Causality</a></p></html>""", "text/html", Encoding.UTF8);
    }

    private static string Printable(string text) => new([.. text.Take(100).Where(c => c is >= ' ' and <= '~')]);
}

/// <summary>From a code to an identity, from an identity to an account.</summary>
internal sealed class OidcSignIn(IOptions<OidcOptions> options, Provider provider, PublicAddress address, ExternalLogins logins, UserTable users, Newcomers newcomers, AccountTrail trail, TimeProvider clock)
{
    public async Task<Identity> Identify(HttpContext context, string code, string? answeredBy, Pending sent, CancellationToken ct)
    {
        var document = await provider.Document(ct);
        if (answeredBy is not null && answeredBy != document.Issuer)
            throw new OidcException("provider-refused", "Another provider has answered.");   // RFC 9207
        var tokens = await provider.Send(TokenRequest(context, document, code, sent), ct);
        if (tokens.Text("id_token") is not { } text || Jws.Parse(text) is not { } jws)
            throw new OidcException("provider-refused", "The provider gave no ID token that can be read.");
        var identity = IdToken.Read(jws, await provider.Keys(jws.KeyId, ct), document.Issuer, options.Value.ClientId, sent.Nonce, clock.GetUtcNow());
        if (identity.Email is null && document.UserInfo is not null && tokens.Text("access_token") is { } token)
        {
            var claims = await provider.Get(document.UserInfo, token, ct);
            if (claims.Text("sub") == identity.Subject)
                return identity.With(claims);
        }
        return identity;
    }

    /// <summary>The account that the identity is linked to; else one with its e-mail, if the provider has verified that; else a new one.</summary>
    public async Task<User> AccountOf(HttpContext context, Identity identity, CancellationToken ct)
    {
        if (await logins.Find(identity, ct) is not { } known || await users.Find(known, ct) is not { } user)
        {
            if (!EmailAddress.IsValid(identity.Email))
                throw new OidcException("email-missing", "The provider does not tell the person's e-mail.");
            if (await users.Find(identity.Email!, ct) is { } same)
                user = identity.EmailVerified ? same : throw new OidcException("email-unverified", "There is an account with this e-mail, which the provider has not verified.");
            else
                user = await newcomers.Admit(context, new Newcomer(identity.Email!.Trim(), Me.IsName(identity.Name) ? identity.Name : "", null, identity.EmailVerified), ct);
            await logins.Link(identity, user.Id, ct);
            await trail.Record(context, "oidc-linked", user.Id, user.Email, ("issuer", identity.Issuer), ("subject", identity.Subject));
        }
        await trail.Record(context, "signed-in", user.Id, user.Email, ("by", identity.Issuer));
        return user;
    }

    private HttpRequestMessage TokenRequest(HttpContext context, ProviderDocument document, string code, Pending sent)
    {
        var (id, secret) = (options.Value.ClientId, options.Value.ClientSecret);
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = address.Of(context, StartOidc.CallbackPath).AbsoluteUri,
            ["code_verifier"] = sent.Verifier,
            ["client_id"] = id,
        };
        if (secret.Length > 0 && document.SecretInBody)
            form["client_secret"] = secret;
        var request = new HttpRequestMessage(HttpMethod.Post, document.Token) { Content = new FormUrlEncodedContent(form) };
        if (secret.Length > 0 && !document.SecretInBody)   // RFC 6749, 2.3.1: encoded before joined
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(id)}:{Uri.EscapeDataString(secret)}")));
        return request;
    }
}
