using Causality.Web.Accounts.Tokens;
using Microsoft.AspNetCore.Http;

namespace Causality.Web.Accounts.Sessions;

/// <summary>How a session is held.</summary>
internal enum SessionKind
{
    /// <summary>By cookies, in a browser.</summary>
    Cookie,

    /// <summary>By tokens, in a program.</summary>
    Token,
}

/// <summary>What a sign-in and a refresh are answered with.</summary>
/// <param name="AccessToken">For <c>Authorization: Bearer</c>.</param>
/// <param name="ExpiresIn">Seconds that the access token is good for.</param>
/// <param name="RefreshToken">For the next refresh, once; only where the session is held by tokens, and none where another refresh came first.</param>
internal sealed record SessionTokens(string AccessToken, int ExpiresIn, string? RefreshToken = null);

/// <summary>Begins sessions, and hands them out.</summary>
internal sealed class SessionIssuer(SessionTable table, AccessTokens tokens, SessionCookies cookies)
{
    private const string UserAgent = "User-Agent";

    public async Task<SessionTokens> Begin(HttpContext context, User user, SessionKind kind, CancellationToken ct) =>
        await HandOut(context, await table.Open(user.Id, user.Email, context.Connection.RemoteIpAddress?.ToString(), context.Request.Headers[UserAgent], ct), kind, ct);

    public async Task<SessionTokens> HandOut(HttpContext context, OpenSession session, SessionKind kind, CancellationToken ct)
    {
        var token = await tokens.Issue(session.UserId, session.Email, session.Id, ct);
        if (kind == SessionKind.Cookie)
            cookies.Set(context, session, token);
        return new SessionTokens(token, (int)AccessTokens.Life.TotalSeconds, kind == SessionKind.Token ? session.RefreshToken : null);
    }
}
