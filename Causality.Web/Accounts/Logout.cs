using Causality.Http;
using Causality.Web.Accounts.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Web.Accounts;

/// <summary>
/// POST /api/v1/auth/logout: ends the session of the access token, or that of the cookie's refresh token where the access token has run out, and takes the
/// cookies back. Without a session it is answered alike.
/// </summary>
internal static class Logout
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/logout", Handle).WithName("logout").AllowAnonymous().ProducesProblem(StatusCodes.Status403Forbidden);

    internal static async Task<NoContent> Handle(HttpContext context, SessionTable table, SessionCookies cookies, Antiforgery antiforgery, AccountTrail trail, CancellationToken ct)
    {
        var actor = Actor.From(context);
        var byBearer = actor is not null && context.User.Identity?.AuthenticationType == TokenAuthentication.ByBearer;
        if (!byBearer && cookies.Any(context.Request))
        {
            var session = actor is null && SessionCookies.RefreshToken(context.Request) is { } token ? await table.Find(token, ct) : null;
            if ((actor?.SessionId ?? session?.Id) is { } own && antiforgery.Check(context.Request) != own)
                throw Antiforgery.Invalid;
            actor ??= session is null ? null : new Actor(session.UserId, session.Email, session.Id);
            cookies.Clear(context);
        }
        if (actor is not null && await table.End(actor.UserId, actor.SessionId, "signed-out", ct))
            await trail.Record(context, "signed-out", actor.UserId, actor.Email);
        return TypedResults.NoContent();
    }
}
