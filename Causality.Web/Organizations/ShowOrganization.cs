using Causality.Http;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Web.Organizations;

/// <summary>GET /api/v1/organizations/{organization_id}: an organization, and the asker's role in it.</summary>
internal static class ShowOrganization
{
    public sealed record Response(Guid Id, string Name, Role Role, DateTimeOffset CreatedAt);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{organization_id}", Handle).WithName("show-organization").RequireRole(Role.Viewer, In.Organization);

    internal static async Task<Ok<Response>> Handle(Guid organization_id, HttpContext context, NpgsqlDataSource database, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select name, created_at from organizations where id = $1");
        select.Parameters.AddWithValue(organization_id);
        await using var reader = await select.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);   // there is a member, so there is the organization
        return TypedResults.Ok(new Response(organization_id, reader.GetString(0), Granted.Of(context).Role, reader.GetFieldValue<DateTimeOffset>(1)));
    }
}

/// <summary>PATCH /api/v1/organizations/{organization_id}: an admin renames it.</summary>
internal static class RenameOrganization
{
    public sealed record Request(string Name);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks() => RuleFor(r => r.Name).MustBeAName();
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPatch("/{organization_id}", Handle).WithName("rename-organization").WithChecks<Request, Checks>().RequireRole(Role.Admin, In.Organization);

    internal static async Task<Ok<ShowOrganization.Response>> Handle(Guid organization_id, Request request, Actor actor, HttpContext context, Membership organizations,
        NpgsqlDataSource database, CancellationToken ct)
    {
        await organizations.Change(organization_id, actor, o => o.Rename(request.Name.Trim()), ct);
        return await ShowOrganization.Handle(organization_id, context, database, ct);
    }
}
