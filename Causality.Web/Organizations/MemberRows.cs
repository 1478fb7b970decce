using Causality.EventStore.Projections;
using Causality.EventStore.Streams;
using Causality.Http;

namespace Causality.Web.Organizations;

/// <summary>
/// The tables organizations, members, member_app_roles and invitations, which commit with the facts. No statement fails on rows that a
/// decision made at the same moment has left: that the stream has moved on is found after them, and told as a conflict.
/// </summary>
internal sealed class MemberRows : IProjection
{
    public string Name => "members/1";

    public Rows Apply(Recorded recorded, Rows rows) => recorded.Fact switch
    {
        OrganizationCreated e => rows.Add("insert into organizations (id, name, created_at) values ($1, $2, $3) on conflict do nothing", e.OrganizationId, e.Name, recorded.At),
        OrganizationRenamed e => rows.Add("update organizations set name = $2 where id = $1", Id(recorded), e.After.Name),
        MemberInvited e => rows.Add(
            "insert into invitations (id, organization_id, email, role, token_hash, invited_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
            e.InvitationId, Id(recorded), e.Email, e.Role.Name(), Convert.FromHexString(e.TokenHash), e.InvitedBy, recorded.At, e.ExpiresAt),
        InvitationAccepted e => rows.Add("update invitations set accepted_at = $2 where id = $1", e.InvitationId, recorded.At),
        InvitationRevoked e => rows.Add("update invitations set revoked_at = $2 where id = $1", e.InvitationId, recorded.At),
        MemberJoined e => rows.Add("insert into members (organization_id, user_id, role, joined_at) values ($1, $2, $3, $4) on conflict do nothing",
            Id(recorded), e.UserId, e.Role.Name(), recorded.At),
        MemberRoleChanged e => rows.Add("update members set role = $3 where organization_id = $1 and user_id = $2", Id(recorded), e.UserId, e.After.Role!.Value.Name()),
        MemberAppRoleSet e => rows.Add(
            """
            insert into member_app_roles (organization_id, user_id, app_id, role)
            select organization_id, user_id, $3, $4 from members where organization_id = $1 and user_id = $2
            on conflict (organization_id, user_id, app_id) do update set role = excluded.role
            """, Id(recorded), e.UserId, e.AppId, e.After.Role!.Value.Name()),
        MemberAppRoleCleared e => rows.Add("delete from member_app_roles where organization_id = $1 and user_id = $2 and app_id = $3", Id(recorded), e.UserId, e.AppId),
        MemberRemoved e => rows.Add("delete from members where organization_id = $1 and user_id = $2", Id(recorded), e.UserId),
        _ => rows,
    };

    private static Guid Id(Recorded recorded) => Guid.Parse(recorded.Stream.Key);
}
