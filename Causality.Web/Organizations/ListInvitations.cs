using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Web.Organizations;

/// <summary>GET /api/v1/organizations/{organization_id}/invitations: all that were made, the newest first.</summary>
internal static class ListInvitations
{
    /// <param name="Email">Left out where whoever has the link may accept it.</param>
    /// <param name="InvitedBy">An e-mail.</param>
    public sealed record Row(Guid Id, Role Role, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, InvitationState State, string InvitedBy, string? Email = null);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{organization_id}/invitations", Handle).WithName("list-invitations").RequireRole(Role.Admin, In.Organization);

    internal static async Task<Ok<List<Row>>> Handle(Guid organization_id, NpgsqlDataSource database, TimeProvider clock, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            "select id, email, role, created_at, expires_at, accepted_at is not null, revoked_at is not null, invited_by from invitations where organization_id = $1 order by created_at desc, id desc");
        select.Parameters.AddWithValue(organization_id);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var (rows, now) = (new List<Row>(), clock.GetUtcNow());
        while (await reader.ReadAsync(ct))
        {
            var expires = reader.GetFieldValue<DateTimeOffset>(4);
            var state = reader.GetBoolean(5) ? InvitationState.Accepted : reader.GetBoolean(6) ? InvitationState.Revoked : expires <= now ? InvitationState.Expired : InvitationState.Open;
            rows.Add(new Row(reader.GetGuid(0), RoleNames.Parse(reader.GetString(2))!.Value,
                reader.GetFieldValue<DateTimeOffset>(3), expires, state, reader.GetString(7), reader.IsDBNull(1) ? null : reader.GetString(1)));
        }
        return TypedResults.Ok(rows);
    }
}

/// <summary>DELETE /api/v1/organizations/{organization_id}/invitations/{invitation_id}: an admin takes a link back. Twice is not an error.</summary>
internal static class RevokeInvitation
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{organization_id}/invitations/{invitation_id:guid}", Handle).WithName("revoke-invitation").RequireRole(Role.Admin, In.Organization)
            .ProducesProblem(StatusCodes.Status409Conflict);

    internal static async Task<NoContent> Handle(Guid organization_id, Guid invitation_id, Actor actor, Membership organizations, CancellationToken ct)
    {
        await organizations.Change(organization_id, actor, o => o.Revoke(invitation_id), ct);
        return TypedResults.NoContent();
    }
}
