using Causality.Contracts;
using Causality.Http;
using Causality.Web.Accounts.Passwords;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Web.Accounts;

/// <summary>POST /api/v1/auth/password: a new password for who knows the present one. Every other session ends. Wrong ones are delayed as at sign-in.</summary>
internal static class ChangePassword
{
    public sealed record Request(string Current, string New);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks()
        {
            RuleFor(r => r.Current).Must(p => p is { Length: > 0 and <= 2 * PasswordRules.MaxLength }).WithMessage("must be 1 to 1,024 characters");
            RuleFor(r => r.New).Must(PasswordRules.HasLength).WithMessage(PasswordRules.LengthRule);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/password", Handle).WithName("change-password").RequireSignIn().WithChecks<Request, Checks>()
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status429TooManyRequests);

    internal static async Task<Results<NoContent, ValidationProblem>> Handle(Request request, Actor actor, HttpContext context, UserTable users, PasswordHashes passwords, PasswordTable table,
        SignInDelay delay, AccountTrail trail, CancellationToken ct)
    {
        var user = await users.Find(actor.UserId, ct);
        if (user?.PasswordHash is null)
            throw new RefusedException("password-missing", "This account has no password: it signs in by a provider. A reset of the password gives it one.");
        if (PasswordRules.Problem(request.New, user.Email, user.Name) is { } problem)
            return Wrong("new", problem);
        if (await delay.Begin(user.Email, ct) is { } wait)
            throw SignInDelay.TooEarly(context, wait);
        if (!await passwords.Verify(user, request.Current, ct))
            return Wrong("current", "is not your password");
        await delay.Forget(user.Email, ct);
        if (!await table.Change(user.Id, actor.SessionId, passwords.Hash(request.New), ct))
            throw new RefusedException("session-ended", "The session has ended. Sign in again.", StatusCodes.Status401Unauthorized);
        await trail.Record(context, "password-changed", user.Id, user.Email);
        return TypedResults.NoContent();
    }

    private static ValidationProblem Wrong(string field, string problem) => TypedResults.ValidationProblem(new Dictionary<string, string[]> { [field] = [problem] });
}
