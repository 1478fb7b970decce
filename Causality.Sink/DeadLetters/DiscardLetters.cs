using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Causality.Sink.DeadLetters;

/// <summary>POST /api/v1/operations/dead-letters/discard: gives letters up for good. Their bytes are removed; the books count them as discarded.</summary>
internal static class DiscardLetters
{
    /// <param name="Discarded">Letters.</param>
    /// <param name="Events">That they stand for.</param>
    public sealed record Response(long Discarded, long Events);

    public static void Map(IEndpointRouteBuilder letters) =>
        letters.MapPost("/discard", Handle).WithName("discard-dead-letters").RequireRoleOrAdministrator(Role.Admin).WithChecks<LetterSelection, LetterSelection.Checks>();

    private static async Task<Ok<Response>> Handle(LetterSelection request, Actor actor, HttpContext context, DecideLetters decide, IAuditTrail trail, ILogger<DecideLetters> log, CancellationToken ct)
    {
        await request.Record(trail, "dead-letters-discarded", actor, context, ct);
        var (letters, events) = await decide.Discard(request.Selection, actor.Email, ct);
        log.LettersDecided(actor.Email, letters, events, "discard");
        return TypedResults.Ok(new Response(letters, events));
    }
}
