using Causality.Http;
using Causality.Web.Accounts;
using Causality.Web.Mail;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Web.Organizations;

/// <summary>
/// POST /api/v1/organizations/{organization_id}/invitations: an admin makes a link by which one person becomes a member, within 7 days. With an
/// e-mail only who has it may use the link.
/// </summary>
internal static class Invite
{
    public sealed record Request(string Role, string? Email = null);

    /// <param name="Token">Shown this once.</param>
    /// <param name="Url">The page that accepts it.</param>
    /// <param name="Mailed">Whether it was sent to the e-mail; else the admin hands on the link.</param>
    public sealed record Response(Guid Id, string Token, Uri Url, DateTimeOffset ExpiresAt, bool Mailed);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks()
        {
            RuleFor(r => r.Role).MustBeARole();
            RuleFor(r => r.Email).Must(email => email is null || EmailAddress.IsValid(email)).WithMessage("must be an e-mail address of at most 255 characters, or be left out");
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/{organization_id}/invitations", Handle).WithName("invite").WithChecks<Request, Checks>().RequireRole(Role.Admin, In.Organization)
            .RequireRateLimiting(SignIn.PerAddress)   // it mails to whoever the asker likes
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status429TooManyRequests);

    internal static async Task<Created<Response>> Handle(Guid organization_id, Request request, Actor actor, HttpContext context, Membership organizations, PublicAddress address,
        IMailer mailer, TimeProvider clock, CancellationToken ct)
    {
        var (id, token, now) = (Guid.CreateVersion7(), Secret.Create(), clock.GetUtcNow());
        var email = request.Email is null ? null : EmailAddress.Normalize(request.Email);
        var url = address.Of(context, $"/app/invitation#{token}");
        await organizations.Change(organization_id, actor,
            o => o.Invite(id, email, RoleNames.Parse(request.Role)!.Value, Convert.ToHexStringLower(Secret.Hash(token)), actor.Email, now), ct);
        var mailed = email is not null && mailer.Configured;
        if (mailed)
            mailer.Send(Letter(email!, actor.Email, url, now + Organization.InvitationLife));
        return TypedResults.Created($"/api/v1/organizations/{organization_id}/invitations/{id}", new Response(id, token, url, now + Organization.InvitationLife, mailed));
    }

    private static OutgoingMail Letter(string email, string by, Uri url, DateTimeOffset until) => new(email, "An invitation to Causality",
        $"""
        {by} invites you to work together in Causality.

        This link leads to the invitation. It works once, until {until:yyyy-MM-dd HH:mm} UTC:
        {url}

        If you do not know what this is about, do nothing.
        """);
}
