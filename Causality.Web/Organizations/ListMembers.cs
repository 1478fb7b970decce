using Causality.Contracts;
using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Web.Organizations;

/// <summary>GET /api/v1/organizations/{organization_id}/members: who belongs to it, by e-mail.</summary>
internal static class ListMembers
{
    /// <param name="Apps">Where the role differs from that of the organization. An organization's admin is admin of its apps all the same.</param>
    public sealed record Row(Guid UserId, string Email, string Name, Role Role, IReadOnlyList<AppRole> Apps, DateTimeOffset JoinedAt);
    public sealed record AppRole(string AppId, Role Role);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{organization_id}/members", Handle).WithName("list-members").RequireRole(Role.Viewer, In.Organization);

    internal static async Task<Ok<List<Row>>> Handle(Guid organization_id, NpgsqlDataSource database, CancellationToken ct) =>
        TypedResults.Ok(await Read(organization_id, null, database, ct));

    /// <summary>One member. Refused where there is none: somebody has removed it just now.</summary>
    internal static async Task<Row> One(Guid organization, Guid user, NpgsqlDataSource database, CancellationToken ct) =>
        (await Read(organization, user, database, ct)).SingleOrDefault() ?? throw new RefusedException("member-missing", "There is no such member.", StatusCodes.Status404NotFound);

    private static async Task<List<Row>> Read(Guid organization, Guid? user, NpgsqlDataSource database, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            """
            select u.id, u.email, u.name, m.role, m.joined_at, array_agg(r.app_id order by r.app_id) filter (where r.app_id is not null), array_agg(r.role order by r.app_id) filter (where r.app_id is not null)
            from members m
            join users u on u.id = m.user_id
            left join member_app_roles r on r.organization_id = m.organization_id and r.user_id = m.user_id
            where m.organization_id = $1 and ($2::uuid is null or m.user_id = $2)
            group by u.id, m.role, m.joined_at
            order by u.email
            """);
        select.Parameters.AddWithValue(organization);
        select.Parameters.Add(new NpgsqlParameter<Guid?> { TypedValue = user });
        await using var reader = await select.ExecuteReaderAsync(ct);
        var rows = new List<Row>();
        while (await reader.ReadAsync(ct))
        {
            IReadOnlyList<AppRole> apps = reader.IsDBNull(5) ? []
                : [.. reader.GetFieldValue<string[]>(5).Zip(reader.GetFieldValue<string[]>(6), (app, role) => new AppRole(app, RoleNames.Parse(role)!.Value))];
            rows.Add(new Row(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), RoleNames.Parse(reader.GetString(3))!.Value, apps, reader.GetFieldValue<DateTimeOffset>(4)));
        }
        return rows;
    }
}
