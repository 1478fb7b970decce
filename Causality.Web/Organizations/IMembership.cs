using Causality.Http;

namespace Causality.Web.Organizations;

/// <summary>How who registers comes into an organization. A port: accounts ask, organizations answer.</summary>
internal interface IMembership
{
    /// <summary>Makes an organization whose admin is <paramref name="founder"/>, an account that exists; answers its id.</summary>
    Task<Guid> CreateOrganization(string name, Actor founder, CancellationToken ct);

    /// <summary>
    /// Makes <paramref name="actor"/>, an account that exists, a member of the organization whose invitation it is; answers its id. Who is a member
    /// already stays as before. Refused: <c>invitation-missing</c> 404; <c>invitation-used</c>, <c>invitation-expired</c>, <c>invitation-revoked</c> 410;
    /// <c>invitation-for-another</c> 403.
    /// </summary>
    Task<Guid> AcceptInvitation(string token, Actor actor, CancellationToken ct);

    /// <summary>Throws as <see cref="AcceptInvitation"/> would for an account with this e-mail, and changes nothing.</summary>
    Task CheckInvitation(string token, string email, CancellationToken ct);
}
