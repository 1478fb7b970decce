using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Web.Organizations;

/// <summary>GET /api/v1/organizations: those that the asker is a member of, by name.</summary>
internal static class ListOrganizations
{
    public sealed record Row(Guid Id, string Name, Role Role);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("", Handle).WithName("list-organizations").RequireSignIn();

    internal static async Task<Ok<List<Row>>> Handle(Actor actor, NpgsqlDataSource database, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            "select o.id, o.name, m.role from members m join organizations o on o.id = m.organization_id where m.user_id = $1 order by lower(o.name), o.id");
        select.Parameters.AddWithValue(actor.UserId);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var rows = new List<Row>();
        while (await reader.ReadAsync(ct))
            rows.Add(new Row(reader.GetGuid(0), reader.GetString(1), RoleNames.Parse(reader.GetString(2))!.Value));
        return TypedResults.Ok(rows);
    }
}
