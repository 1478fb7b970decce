using Causality.Contracts;
using Causality.Http;
using Causality.Web.Accounts.Passwords;
using Causality.Web.Mail;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Web.Accounts;

/// <summary>POST /api/v1/auth/password-reset: mails a link to who forgot the password. Answered alike, and as fast, whether or not there is such an account.</summary>
internal static class AskPasswordReset
{
    public sealed record Request(string Email);

    public sealed record Response(string Message);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks() => RuleFor(r => r.Email).Must(e => e is { Length: > 0 and <= 255 } && !e.Contains('\0')).WithMessage("must be an e-mail address of at most 255 characters");
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/password-reset", Handle).WithName("ask-password-reset").AllowAnonymous().RequireRateLimiting(SignIn.PerAddress)
            .WithChecks<Request, Checks>().ProducesProblem(StatusCodes.Status429TooManyRequests);

    internal static async Task<Accepted<Response>> Handle(Request request, HttpContext context, IMailer mailer, PasswordResetMails mails, AccountTrail trail)
    {
        await trail.Record(context, "password-reset-asked", null, request.Email);
        mails.Ask(request.Email);
        return TypedResults.Accepted((string?)null, new Response(mailer.Configured
            ? "If there is an account with this e-mail, a link to a new password is on its way to it. It works once, within an hour."
            : "This installation sends no mail. Ask an admin of your organization for a link to a new password."));
    }
}

/// <summary>POST /api/v1/auth/password-reset/complete: a new password by a link's token. Every session of the account ends.</summary>
internal static class CompletePasswordReset
{
    public sealed record Request(string Token, string Password);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks()
        {
            RuleFor(r => r.Token).NotEmpty().WithMessage("must be what follows # in the link");
            RuleFor(r => r.Password).Must(PasswordRules.HasLength).WithMessage(PasswordRules.LengthRule);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/password-reset/complete", Handle).WithName("complete-password-reset").AllowAnonymous().RequireRateLimiting(SignIn.PerAddress)
            .WithChecks<Request, Checks>().ProducesProblem(StatusCodes.Status410Gone).ProducesProblem(StatusCodes.Status429TooManyRequests);

    internal static async Task<Results<NoContent, ValidationProblem>> Handle(Request request, HttpContext context, UserTable users, PasswordHashes passwords, PasswordTable table,
        AccountTrail trail, CancellationToken ct)
    {
        var user = await table.Owner(request.Token, ct) is { } owner ? await users.Find(owner, ct) : null;
        if (user is null)
            throw Gone();
        if (PasswordRules.Problem(request.Password, user.Email, user.Name) is { } problem)
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["password"] = [problem] });
        if (!await table.Reset(request.Token, passwords.Hash(request.Password), ct))
            throw Gone();
        await trail.Record(context, "password-reset", user.Id, user.Email);
        return TypedResults.NoContent();
    }

    private static RefusedException Gone() => new("reset-gone", "This link is not good any more: it was used, has expired, or is not whole. Ask for a new one.", StatusCodes.Status410Gone);
}
