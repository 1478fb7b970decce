using Causality.Contracts;
using Causality.Http;
using Causality.Web.Accounts.Passwords;
using Causality.Web.Accounts.Sessions;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Web.Accounts;

/// <summary>POST /api/v1/auth/login: begins a session by e-mail and password. An unknown e-mail and a wrong password are refused alike, in words and in time.</summary>
internal static class Login
{
    /// <param name="Session">Held by cookies, or by the tokens of the answer.</param>
    public sealed record Request(string Email, string Password, SessionKind Session = SessionKind.Cookie);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks()
        {
            RuleFor(r => r.Email).Must(e => e is { Length: > 0 and <= 255 } && !e.Contains('\0')).WithMessage("must be an e-mail address of at most 255 characters");
            RuleFor(r => r.Password).Must(p => p is { Length: > 0 and <= 2 * PasswordRules.MaxLength }).WithMessage("must be 1 to 1,024 characters");
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/login", Handle).WithName("login").AllowAnonymous().RequireRateLimiting(SignIn.PerAddress)
            .WithChecks<Request, Checks>().ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status429TooManyRequests);

    internal static async Task<Ok<SessionTokens>> Handle(Request request, HttpContext context, UserTable users, PasswordHashes passwords, SignInDelay delay, SessionIssuer sessions,
        AccountTrail trail, CancellationToken ct)
    {
        var wait = await delay.Begin(request.Email, ct);
        var user = await users.Find(request.Email, ct);
        if (wait is { } time)
        {
            await trail.Refused(context, request.Email, "too many wrong passwords");
            throw SignInDelay.TooEarly(context, time);
        }
        if (!await passwords.Verify(user, request.Password, ct))
        {
            await trail.Refused(context, request.Email, user is null ? "no such account" : "wrong password");
            throw new RefusedException("sign-in-refused", "The e-mail or the password is wrong.", StatusCodes.Status401Unauthorized);
        }
        await delay.Forget(request.Email, ct);
        await trail.Record(context, "signed-in", user!.Id, user.Email, ("by", "password"));
        return TypedResults.Ok(await sessions.Begin(context, user, request.Session, ct));
    }
}
