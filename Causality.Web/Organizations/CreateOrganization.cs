using Causality.Http;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Web.Organizations;

/// <summary>POST /api/v1/organizations: anybody who is signed in makes an organization, and is its first admin.</summary>
internal static class CreateOrganization
{
    public sealed record Request(string Name);
    public sealed record Response(Guid Id, string Name, Role Role);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks() => RuleFor(r => r.Name).MustBeAName();
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("", Handle).WithName("create-organization").WithChecks<Request, Checks>().RequireSignIn();

    internal static async Task<Created<Response>> Handle(Request request, Actor actor, Membership organizations, CancellationToken ct)
    {
        var name = request.Name.Trim();
        var id = await organizations.CreateOrganization(name, actor, ct);
        return TypedResults.Created($"/api/v1/organizations/{id}", new Response(id, name, Role.Admin));
    }
}
