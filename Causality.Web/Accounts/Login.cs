using Causality.Contracts;
using Causality.Http;
using FluentValidation;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Causality.Web.Accounts;

/// <summary>POST /api/v1/auth/login: signs the browser in by cookie, and gives programs a token for <c>Authorization: Bearer</c>.</summary>
internal static class Login
{
    public sealed record Request(string Email, string Password);

    /// <param name="AccessToken">For <c>Authorization: Bearer</c>.</param>
    /// <param name="ExpiresIn">Seconds.</param>
    public sealed record Response(string AccessToken, int ExpiresIn);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks()
        {
            RuleFor(r => r.Email).Must(e => e is { Length: > 0 and <= 255 } && !e.Contains('\0')).WithMessage("must be an e-mail address of at most 255 characters");
            RuleFor(r => r.Password).Must(p => p is { Length: > 0 and <= 1024 }).WithMessage("must be 1 to 1024 characters");
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/login", Handle).WithName("login").AllowAnonymous().RequireRateLimiting(SignIn.LoginLimit)
            .WithChecks<Request, Checks>().ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status429TooManyRequests);

    internal static async Task<Ok<Response>> Handle(Request request, HttpContext context, UserTable users, IOptionsMonitor<BearerTokenOptions> bearer, TimeProvider clock, CancellationToken ct)
    {
        var user = await users.Verify(request.Email, request.Password, ct)
            ?? throw new RefusedException("sign-in-refused", "The e-mail or the password is wrong.", StatusCodes.Status401Unauthorized);
        var actor = await users.Open(user, ct);
        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, actor.ToPrincipal(CookieAuthenticationDefaults.AuthenticationScheme), new AuthenticationProperties { IsPersistent = true });
        var ticket = new AuthenticationTicket(actor.ToPrincipal(BearerTokenDefaults.AuthenticationScheme),
            new AuthenticationProperties { ExpiresUtc = clock.GetUtcNow() + SignIn.TokenLife }, $"{BearerTokenDefaults.AuthenticationScheme}:AccessToken");
        var token = bearer.Get(BearerTokenDefaults.AuthenticationScheme).BearerTokenProtector.Protect(ticket);
        return TypedResults.Ok(new Response(token, (int)SignIn.TokenLife.TotalSeconds));
    }
}

/// <summary>POST /api/v1/auth/logout: forgets the browser's cookie.</summary>
internal static class Logout
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/logout", Handle).WithName("logout").AllowAnonymous();

    internal static async Task<NoContent> Handle(HttpContext context, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return TypedResults.NoContent();
    }
}

/// <summary>GET /api/v1/auth/me: who is asking.</summary>
internal static class Me
{
    public sealed record Response(Guid Id, string Email);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/me", Handle).WithName("me").RequireSignIn();

    internal static Ok<Response> Handle(Actor actor) => TypedResults.Ok(new Response(actor.UserId, actor.Email));
}
