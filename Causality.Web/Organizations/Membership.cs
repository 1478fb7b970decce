using Causality.Contracts;
using Causality.EventStore.Projections;
using Causality.EventStore.Streams;
using Causality.Http;
using Causality.Web.Accounts;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Causality.Web.Organizations;

/// <summary>Loads an organization, lets it decide, records what it decided.</summary>
internal sealed class Membership(IEventStore store, NpgsqlDataSource database, TimeProvider clock) : IMembership
{
    public async Task<Guid> CreateOrganization(string name, Actor founder, CancellationToken ct, Action<Rows>? with = null)
    {
        var id = Guid.CreateVersion7();
        var transaction = store.Begin(founder.Origin(id)).Append(Organization.Stream(id), 0, Organization.Found(id, name, founder.UserId, founder.Email));
        with?.Invoke(transaction.Rows);
        await transaction.Commit(ct);
        return id;
    }

    public async Task<Guid> AcceptInvitation(string token, Actor actor, CancellationToken ct, Action<Rows>? with = null)
    {
        var (organization, invitation, _) = await Find(token, ct);
        await Change(organization, actor, o => o.Accept(invitation, actor.UserId, actor.Email, clock.GetUtcNow()), ct, with);
        return organization;
    }

    public async Task CheckInvitation(string token, string email, CancellationToken ct)
    {
        var (organization, invitation, _) = await Find(token, ct);
        var loaded = await store.Load<Organization>(Organization.Stream(organization), ct);
        loaded.State.Invitations[invitation].Check(EmailAddress.Normalize(email), clock.GetUtcNow());
    }

    /// <summary>The invitation that the token is of, and to which organization by whom. Refused where nobody can accept it any more.</summary>
    public async Task<(string Organization, Invitation Invitation, string InvitedBy)> Open(string token, CancellationToken ct)
    {
        var (organization, invitation, invitedBy) = await Find(token, ct);
        var loaded = await store.Load<Organization>(Organization.Stream(organization), ct);
        loaded.State.Invitations[invitation].CheckOpen(clock.GetUtcNow());
        return (loaded.State.Name, loaded.State.Invitations[invitation], invitedBy);
    }

    /// <summary>
    /// Records what the organization decides. When it has changed between, it decides again as it is then: no order to an organization
    /// depends on what its sender has seen of it.
    /// </summary>
    public Task Change(Guid organization, Actor actor, Func<Organization, IReadOnlyList<object>> decide, CancellationToken ct, Action<Rows>? with = null) => OnConflict.Again(async () =>
    {
        var loaded = await store.Load<Organization>(Organization.Stream(organization), ct);
        var transaction = store.Begin(actor.Origin(organization)).Append(loaded.Stream, loaded.Version, decide(loaded.State));
        with?.Invoke(transaction.Rows);
        await transaction.Commit(ct);
    }, ct);

    // which invitation the token is of
    private async Task<(Guid Organization, Guid Invitation, string InvitedBy)> Find(string token, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select organization_id, id, invited_by from invitations where token_hash = $1");
        select.Parameters.AddWithValue(Secret.Hash(token));
        await using var rows = await select.ExecuteReaderAsync(ct);
        return await rows.ReadAsync(ct) ? (rows.GetGuid(0), rows.GetGuid(1), rows.GetString(2))
            : throw new RefusedException("invitation-missing", "There is no such invitation. Check that the link is whole.", StatusCodes.Status404NotFound);
    }
}
