namespace Causality.Http;

/// <summary>Where sign-ins, refusals and exports are kept. Changes are facts, and get there by themselves.</summary>
public interface IAuditTrail
{
    Task Record(AuditEntry entry, CancellationToken ct);
}

/// <summary>Something that somebody did, or was refused.</summary>
/// <param name="Action">A stable name, past tense: <c>signed-in</c>.</param>
/// <param name="Subject">What it was done to: <c>account/…</c>, a route.</param>
/// <param name="OrganizationId">Whose admins may read it; null for what concerns a person alone, which is shown in each organization of that person.</param>
/// <param name="ActorId">The user's id; null for one who is not signed in.</param>
public sealed record AuditEntry(string Action, string Subject, Guid? OrganizationId = null, string? ActorId = null, string? ActorEmail = null, string? Address = null, string? RequestId = null,
    IReadOnlyList<AuditChange>? Changes = null);

/// <summary>One field, before and after; null where it was or is not there.</summary>
public sealed record AuditChange(string Field, string? Old = null, string? New = null);
