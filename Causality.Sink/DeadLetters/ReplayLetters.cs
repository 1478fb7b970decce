using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Causality.Sink.DeadLetters;

/// <summary>
/// POST /api/v1/operations/dead-letters/replay: sends letters again, as they came. It answers when that is decided; they are sent at once, or when the
/// broker is back. What was stored meanwhile is a duplicate; what cannot be stored now either is a new letter.
/// </summary>
internal static class ReplayLetters
{
    /// <param name="Replayed">Letters.</param>
    /// <param name="Events">That they stand for.</param>
    public sealed record Response(long Replayed, long Events);

    public static void Map(IEndpointRouteBuilder letters) =>
        letters.MapPost("/replay", Handle).WithName("replay-dead-letters").RequireRoleOrAdministrator(Role.Admin).WithChecks<LetterSelection, LetterSelection.Checks>();

    private static async Task<Ok<Response>> Handle(LetterSelection request, Actor actor, HttpContext context, DecideLetters decide, SendReplays send, IAuditTrail trail, ILogger<DecideLetters> log, CancellationToken ct)
    {
        await request.Record(trail, "dead-letters-replayed", actor, context, ct);
        try
        {
            var (letters, events) = await decide.Replay(request.Selection, actor.Email, ct);
            log.LettersDecided(actor.Email, letters, events, "replay");
            return TypedResults.Ok(new Response(letters, events));
        }
        finally
        {
            send.Wake();
        }
    }
}
