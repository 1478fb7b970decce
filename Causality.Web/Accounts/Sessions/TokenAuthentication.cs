using System.Text.Encodings.Web;
using Causality.Web.Accounts.Tokens;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Causality.Web.Accounts.Sessions;

/// <summary>Who asks: by <c>Authorization: Bearer</c>, else by the cookie of the access token.</summary>
internal sealed class TokenAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, AccessTokens tokens, SessionCookies cookies)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "causality", ByBearer = "bearer", ByCookie = "cookie";
    private const string Bearer = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        var bearer = header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase);
        if ((bearer ? header[Bearer.Length..].Trim() : cookies.AccessToken(Request)) is not { } token)
            return AuthenticateResult.NoResult();
        return await tokens.Read(token, Context.RequestAborted) is { } actor
            ? AuthenticateResult.Success(new AuthenticationTicket(actor.ToPrincipal(bearer ? ByBearer : ByCookie), Name))
            : AuthenticateResult.Fail("The access token is not valid.");
    }
}
