using Causality.Web.Accounts.Passwords;
using Causality.Web.Accounts.Sessions;
using Causality.Http;
using Causality.Web.Organizations;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Web.Accounts;

/// <summary>POST /api/v1/auth/register: makes an account in an organization of its own or of the invitation, and signs in. The first account is the installation's administrator.</summary>
internal static class Register
{
    /// <param name="Organization">What the new organization is called; without it, after the person.</param>
    /// <param name="Invitation">The token of an invitation, whose organization is joined instead.</param>
    /// <param name="Session">Held by cookies, or by the tokens of the answer.</param>
    public sealed record Request(string Email, string Password, string? Name = null, string? Organization = null, string? Invitation = null, SessionKind Session = SessionKind.Cookie);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks()
        {
            RuleFor(r => r.Email).Must(EmailAddress.IsValid).WithMessage(EmailAddress.Rule);
            RuleFor(r => r.Password).Cascade(CascadeMode.Stop).Must(PasswordRules.HasLength).WithMessage(PasswordRules.LengthRule)
                .Custom((password, check) =>
                {
                    if (PasswordRules.Problem(password, check.InstanceToValidate.Email ?? "", check.InstanceToValidate.Name ?? "") is { } problem)
                        check.AddFailure(problem);
                });
            RuleFor(r => r.Name).Must(Me.IsName).WithMessage("must be text of at most 120 characters, on one line").When(r => r.Name is not null);
            RuleFor(r => r.Organization!).MustBeAName().When(r => r.Organization is not null);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/register", Handle).WithName("register").AllowAnonymous().RequireRateLimiting(SignIn.PerAddress).WithChecks<Request, Checks>()
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status410Gone).ProducesProblem(StatusCodes.Status429TooManyRequests);

    internal static async Task<Created<SessionTokens>> Handle(Request request, HttpContext context, Newcomers newcomers, PasswordHashes passwords, SessionIssuer sessions, CancellationToken ct)
    {
        var newcomer = new Newcomer(request.Email.Trim(), request.Name?.Trim() ?? "", passwords.Hash(request.Password), EmailVerified: false, request.Organization?.Trim(), request.Invitation);
        var user = await newcomers.Admit(context, newcomer, ct);
        return TypedResults.Created("/api/v1/auth/me", await sessions.Begin(context, user, request.Session, ct));
    }
}
