using Causality.EventStore.Projections;
using Causality.Http;

namespace Causality.Web.Organizations;

/// <summary>
/// How who registers comes into an organization. A port: accounts ask, organizations answer. What <c>with</c> adds commits with it and before it, so that an
/// account and its first membership are made together or not at all.
/// </summary>
internal interface IMembership
{
    /// <summary>Makes an organization whose admin is <paramref name="founder"/>; answers its id.</summary>
    Task<Guid> CreateOrganization(string name, Actor founder, CancellationToken ct, Action<Rows>? with = null);

    /// <summary>
    /// Makes <paramref name="actor"/> a member of the organization whose invitation it is; answers its id. Who is a member
    /// already stays as before. Refused: <c>invitation-missing</c> 404; <c>invitation-used</c>, <c>invitation-expired</c>, <c>invitation-revoked</c> 410;
    /// <c>invitation-for-another</c> 403.
    /// </summary>
    Task<Guid> AcceptInvitation(string token, Actor actor, CancellationToken ct, Action<Rows>? with = null);

    /// <summary>Throws as <see cref="AcceptInvitation"/> would for an account with this e-mail, and changes nothing.</summary>
    Task CheckInvitation(string token, string email, CancellationToken ct);
}
