using Causality.Http;
using Causality.Web.Accounts.Tokens;
using Microsoft.AspNetCore.Http;

namespace Causality.Web.Accounts.Sessions;

/// <summary>
/// A browser's session: the tokens in cookies that scripts cannot read and that no other site's request carries, and the antiforgery token in one
/// that scripts can read. Where the connection is TLS the access token's has the prefix <c>__Host-</c>, so that no neighbor below the same
/// domain can set it; the refresh token's has a path, which that prefix forbids, and the antiforgery token is signed for its session.
/// </summary>
internal sealed class SessionCookies(PublicAddress address, Antiforgery antiforgery)
{
    public const string Refresh = "causality_refresh";
    private const string Access = "causality_access", RefreshPath = "/api/v1/auth";

    public string? AccessToken(HttpRequest request) => request.Cookies[AccessName(request)];

    public static string? RefreshToken(HttpRequest request) => request.Cookies[Refresh];

    /// <summary>Whether the request carries anything of a session.</summary>
    public bool Any(HttpRequest request) => request.Cookies.ContainsKey(Refresh) || request.Cookies.ContainsKey(AccessName(request)) || request.Cookies.ContainsKey(Antiforgery.Cookie);

    /// <summary>Gives the browser its session; without a refresh token, the one that it has stays.</summary>
    public void Set(HttpContext context, OpenSession session, string accessToken)
    {
        var cookies = context.Response.Cookies;
        cookies.Append(AccessName(context.Request), accessToken, Options(context.Request, "/", AccessTokens.Life));
        if (session.RefreshToken is null)
            return;
        cookies.Append(Refresh, session.RefreshToken, Options(context.Request, RefreshPath, SessionTable.Life));
        var readable = Options(context.Request, "/", SessionTable.Life);
        readable.HttpOnly = false;
        cookies.Append(Antiforgery.Cookie, antiforgery.Issue(context.Request, session.Id), readable);
    }

    /// <summary>Takes all of it back, with the answer that is sent, be it a refusal.</summary>
    public void Clear(HttpContext context) => context.Response.OnStarting(() =>
    {
        var cookies = context.Response.Cookies;
        cookies.Delete(AccessName(context.Request), Options(context.Request, "/", null));
        cookies.Delete(Refresh, Options(context.Request, RefreshPath, null));
        cookies.Delete(Antiforgery.Cookie, Options(context.Request, "/", null));
        return Task.CompletedTask;
    });

    private string AccessName(HttpRequest request) => address.IsPlainLoopback(request) ? Access : "__Host-" + Access;

    private CookieOptions Options(HttpRequest request, string path, TimeSpan? life) =>
        new() { HttpOnly = true, Secure = !address.IsPlainLoopback(request), SameSite = SameSiteMode.Strict, Path = path, MaxAge = life, IsEssential = true };
}
