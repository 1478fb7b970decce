using Causality.Contracts;
using Causality.Http;
using Causality.Web.Accounts.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Causality.Web.Accounts;

/// <summary>GET /api/v1/auth/sessions: where one is signed in, the latest first. DELETE /{session_id}: ends that.</summary>
internal static class OwnSessions
{
    /// <param name="LastSeenAt">Its sign-in or latest refresh, so up to 15 minutes ago for one that is in use.</param>
    /// <param name="Current">Whether it is the one that asks.</param>
    public sealed record Response(Guid Id, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, bool Current, string? Address = null, string? UserAgent = null);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sessions", List).WithName("list-sessions").RequireSignIn();
        routes.MapDelete("/sessions/{session_id:guid}", End).WithName("end-session").RequireSignIn().ProducesProblem(StatusCodes.Status404NotFound);
    }

    internal static async Task<Ok<IEnumerable<Response>>> List(Actor actor, SessionTable table, CancellationToken ct) =>
        TypedResults.Ok((await table.List(actor.UserId, ct)).Select(s => new Response(s.Id, s.CreatedAt, s.LastSeenAt, s.Id == actor.SessionId, s.Address, s.UserAgent)));

    internal static async Task<NoContent> End([FromRoute(Name = "session_id")] Guid session, Actor actor, HttpContext context, SessionTable table, AccountTrail trail, CancellationToken ct)
    {
        if (!await table.End(actor.UserId, session, "ended-by-owner", ct))
            throw new RefusedException("session-missing", "You have no such session, or it has ended.", StatusCodes.Status404NotFound);
        await trail.Record(context, "session-ended", actor.UserId, actor.Email, ("session", session.ToString()));
        return TypedResults.NoContent();
    }
}
