using Causality.Http;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Web.Organizations;

/// <summary>PATCH /api/v1/organizations/{organization_id}/members/{user_id}: an admin gives a member another role. The last admin stays one.</summary>
internal static class ChangeMemberRole
{
    public sealed record Request(string Role);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks() => RuleFor(r => r.Role).MustBeARole();
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPatch("/{organization_id}/members/{user_id:guid}", Handle).WithName("change-member-role").WithChecks<Request, Checks>()
            .RequireRole(Role.Admin, In.Organization).ProducesProblem(StatusCodes.Status409Conflict);

    internal static async Task<Ok<ListMembers.Row>> Handle(Guid organization_id, Guid user_id, Request request, Actor actor, Membership organizations, NpgsqlDataSource database, CancellationToken ct)
    {
        await organizations.Change(organization_id, actor, o => o.ChangeRole(user_id, RoleNames.Parse(request.Role)!.Value), ct);
        return TypedResults.Ok(await ListMembers.One(organization_id, user_id, database, ct));
    }
}

/// <summary>DELETE /api/v1/organizations/{organization_id}/members/{user_id}: an admin removes a member, or a member leaves. The last admin stays.</summary>
internal static class RemoveMember
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{organization_id}/members/{user_id:guid}", Handle).WithName("remove-member")
            .RequireRole(Role.Admin, In.Organization, orOneself: true).ProducesProblem(StatusCodes.Status409Conflict);

    internal static async Task<NoContent> Handle(Guid organization_id, Guid user_id, Actor actor, Membership organizations, CancellationToken ct)
    {
        await organizations.Change(organization_id, actor, o => o.Remove(user_id), ct);
        return TypedResults.NoContent();
    }
}
