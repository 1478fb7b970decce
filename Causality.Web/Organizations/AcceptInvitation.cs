using Causality.Http;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Web.Organizations;

/// <summary>POST /api/v1/invitations/show: what somebody is invited to, for whoever has the link.</summary>
internal static class ShowInvitation
{
    /// <param name="Token">What the link holds; in the body and not in the address, where logs would keep it.</param>
    public sealed record Request(string Token);

    /// <param name="Email">Only who has this e-mail may accept it; left out where whoever has the link may.</param>
    public sealed record Response(string Organization, Role Role, string InvitedBy, DateTimeOffset ExpiresAt, string? Email = null);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks() => RuleFor(r => r.Token).MustBeAToken();
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/show", Handle).WithName("show-invitation").AllowAnonymous().WithChecks<Request, Checks>()
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status410Gone);

    internal static async Task<Ok<Response>> Handle(Request request, Membership organizations, CancellationToken ct)
    {
        var (organization, invitation, invitedBy) = await organizations.Open(request.Token, ct);
        return TypedResults.Ok(new Response(organization, invitation.Role, invitedBy, invitation.ExpiresAt, invitation.Email));
    }
}

/// <summary>
/// POST /api/v1/invitations/accept: who is signed in becomes a member. Who is one already is answered alike, stays as before, and the link
/// can still be used by another.
/// </summary>
internal static class AcceptInvitation
{
    public sealed record Request(string Token);
    public sealed record Response(Guid OrganizationId);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks() => RuleFor(r => r.Token).MustBeAToken();
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/accept", Handle).WithName("accept-invitation").WithChecks<Request, Checks>().RequireSignIn()
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status410Gone);

    internal static async Task<Ok<Response>> Handle(Request request, Actor actor, IMembership organizations, CancellationToken ct) =>
        TypedResults.Ok(new Response(await organizations.AcceptInvitation(request.Token, actor, ct)));
}
