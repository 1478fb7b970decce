using Causality.Http;
using FluentValidation;
using Microsoft.AspNetCore.Http;

namespace Causality.Sink.DeadLetters;

/// <summary>Letters to decide on, as the body of a request names them: by id, or all open ones with a reason. Those that are not open any more are passed over.</summary>
/// <param name="AppId">Of this app only, for its admins; without it of all, for administrators.</param>
/// <param name="Before">No letter that was kept at this moment or later: <c>as_of</c> of the figures that were decided on. Without it, the moment of the request.</param>
internal sealed record LetterSelection(IReadOnlyList<Guid>? Ids = null, string? Reason = null, string? AppId = null, DateTimeOffset? Before = null) : IOfApp
{
    private const int MostIds = 1_000;

    internal Selection Selection => new(Ids, Reason, AppId, Before);

    /// <summary>Keeps in the audit log who decides what, before it is done.</summary>
    internal Task Record(IAuditTrail trail, string action, Actor actor, HttpContext context, CancellationToken ct) =>
        trail.Record(new AuditEntry(action, AppId is null ? "dead-letters" : $"dead-letters/{AppId}", context.Features.Get<Granted>()?.OrganizationId, actor.UserId.ToString(), actor.Email, actor.Address, actor.RequestId,
            [Ids is null ? new AuditChange("reason", null, Reason) : new AuditChange("letters", null, string.Join(", ", Ids)), .. Before is { } before ? [new AuditChange("before", null, before.ToString("O"))] : Array.Empty<AuditChange>()]), ct);

    internal sealed class Checks : AbstractValidator<LetterSelection>
    {
        public Checks()
        {
            RuleFor(s => s.Ids).Must((s, ids) => ids is null != (s.Reason is null)).WithMessage("must be given, or reason, and not both");
            RuleFor(s => s.Ids).Must(ids => ids is null or { Count: >= 1 and <= MostIds }).WithMessage("must be 1 to 1,000 ids of letters");
            RuleFor(s => s.Reason).Must(reason => reason is null || (reason.Length is > 0 and <= 1_000 && !reason.Contains('\0'))).WithMessage("must be a reason as the groups have it");
        }
    }
}
