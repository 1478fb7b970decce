using Causality.Contracts;
using Causality.Http;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Web.Organizations;

/// <summary>
/// PUT /api/v1/organizations/{organization_id}/members/{user_id}/apps/{app_id}: an admin gives a member another role in one app, higher or
/// lower. It has no effect as long as the member is an admin of the organization.
/// </summary>
internal static class SetAppRole
{
    public sealed record Request(string Role);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks() => RuleFor(r => r.Role).MustBeARole();
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut("/{organization_id}/members/{user_id:guid}/apps/{app_id}", Handle).WithName("set-app-role").WithChecks<Request, Checks>().RequireRole(Role.Admin, In.Organization);

    internal static async Task<Ok<ListMembers.Row>> Handle(Guid organization_id, Guid user_id, string app_id, Request request, Actor actor, Membership organizations,
        NpgsqlDataSource database, CancellationToken ct)
    {
        await CheckApp(organization_id, app_id, database, ct);
        await organizations.Change(organization_id, actor, o => o.SetAppRole(user_id, app_id, RoleNames.Parse(request.Role)!.Value), ct);
        return TypedResults.Ok(await ListMembers.One(organization_id, user_id, database, ct));
    }

    internal static async Task CheckApp(Guid organization, string app, NpgsqlDataSource database, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select from apps where id = $1 and organization_id = $2");
        select.Parameters.AddWithValue(app);
        select.Parameters.AddWithValue(organization);
        await using var rows = await select.ExecuteReaderAsync(ct);
        if (!AppId.IsValid(app) || !await rows.ReadAsync(ct))
            throw new RefusedException("app-missing", $"There is no app \"{app}\".", StatusCodes.Status404NotFound);
    }
}

/// <summary>DELETE …/members/{user_id}/apps/{app_id}: the member has the organization's role in the app again. Twice is not an error.</summary>
internal static class ClearAppRole
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{organization_id}/members/{user_id:guid}/apps/{app_id}", Handle).WithName("clear-app-role").RequireRole(Role.Admin, In.Organization);

    internal static async Task<NoContent> Handle(Guid organization_id, Guid user_id, string app_id, Actor actor, Membership organizations, NpgsqlDataSource database, CancellationToken ct)
    {
        await SetAppRole.CheckApp(organization_id, app_id, database, ct);
        await organizations.Change(organization_id, actor, o => o.ClearAppRole(user_id, app_id), ct);
        return TypedResults.NoContent();
    }
}
