using Causality.Http;
using Microsoft.AspNetCore.Http;

namespace Causality.Web.Accounts;

/// <summary>
/// What happens to accounts, for the audit: none of it is a change of an organization, so it is recorded with the person alone. What has happened is
/// recorded even where the asker has hung up.
/// </summary>
internal sealed class AccountTrail(IAuditTrail trail)
{
    /// <summary>Somebody who could not show who they are: the account is what they tried, not who they were.</summary>
    public Task Refused(HttpContext context, string email, string reason) => Write(context, "sign-in-refused", null, null, email, ("reason", reason));

    /// <param name="user">Whose account it is; null where there is none.</param>
    /// <param name="changes">What more is to be known; never a secret.</param>
    public Task Record(HttpContext context, string action, Guid? user, string email, params IReadOnlyList<(string Field, string Value)> changes) =>
        Write(context, action, user, EmailAddress.Normalize(email), email, changes);

    private Task Write(HttpContext context, string action, Guid? user, string? actor, string email, params IReadOnlyList<(string Field, string Value)> changes) =>
        trail.Record(new AuditEntry(action, $"account/{EmailAddress.Normalize(email)}", ActorId: user?.ToString(), ActorEmail: actor,
            Address: context.Connection.RemoteIpAddress?.ToString(), RequestId: context.TraceIdentifier, Changes: [.. changes.Select(c => new AuditChange(c.Field, null, c.Value))]), CancellationToken.None);
}
