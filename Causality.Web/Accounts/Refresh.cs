using Causality.Contracts;
using Causality.Web.Accounts.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Web.Accounts;

/// <summary>
/// POST /api/v1/auth/refresh: goes on with a session, by the refresh token of the body or else of the cookie, which is superseded by a new one. A cookie
/// needs the antiforgery token too. A token that was superseded more than 10 s ago ends its session: two have it, and only one is the owner.
/// </summary>
internal static class Refresh
{
    public sealed record Request(string? RefreshToken = null);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/refresh", Handle).WithName("refresh").AllowAnonymous()
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden);

    internal static async Task<Ok<SessionTokens>> Handle(Request? request, HttpContext context, SessionTable table, SessionIssuer sessions, SessionCookies cookies, Antiforgery antiforgery,
        AccountTrail trail, CancellationToken ct)
    {
        var kind = request?.RefreshToken is null ? SessionKind.Cookie : SessionKind.Token;
        var token = request?.RefreshToken ?? SessionCookies.RefreshToken(context.Request) ?? throw Ended();
        Guid? expected = kind == SessionKind.Cookie ? antiforgery.Check(context.Request) : null;
        switch (await table.Refresh(token, expected, context.Connection.RemoteIpAddress?.ToString(), ct))
        {
            case Refreshed.Continued(var session):
                return TypedResults.Ok(await sessions.HandOut(context, session, kind, ct));
            case Refreshed.Elsewhere:
                throw Antiforgery.Invalid;
            case Refreshed.Reused reused:
                await trail.Record(context, "refresh-reused", reused.UserId, reused.Email, ("session", reused.SessionId.ToString()));
                break;
        }
        if (kind == SessionKind.Cookie)
            cookies.Clear(context);
        throw Ended();
    }

    private static RefusedException Ended() => new("session-ended", "The session has ended. Sign in again.", StatusCodes.Status401Unauthorized);
}
