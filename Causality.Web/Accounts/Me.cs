using Causality.Contracts;
using Causality.Http;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Web.Accounts;

/// <summary>GET /api/v1/auth/me: who is asking. PATCH: changes the name.</summary>
internal static class Me
{
    public const int MaxName = 120;

    public sealed record Request(string Name);

    /// <param name="Administrator">Of the installation.</param>
    /// <param name="HasPassword">False for who signs in by a provider only.</param>
    public sealed record Response(Guid Id, string Email, string Name, bool Administrator, bool HasPassword);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks() => RuleFor(r => r.Name).Must(IsName).WithMessage("must be text of at most 120 characters, on one line");
    }

    /// <summary>Whether it may be the name of a person or a thing.</summary>
    public static bool IsName(string? name) => name is { Length: <= MaxName } && !name.Any(char.IsControl);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/me", Show).WithName("me").RequireSignIn();
        routes.MapPatch("/me", Change).WithName("change-me").RequireSignIn().WithChecks<Request, Checks>();
    }

    internal static async Task<Ok<Response>> Show(Actor actor, UserTable users, CancellationToken ct)
    {
        var user = await users.Find(actor.UserId, ct) ?? throw new RefusedException("session-ended", "There is no such account any more.", StatusCodes.Status401Unauthorized);
        return TypedResults.Ok(new Response(user.Id, user.Email, user.Name, user.Administrator, user.PasswordHash is not null));
    }

    internal static async Task<Ok<Response>> Change(Request request, Actor actor, HttpContext context, UserTable users, AccountTrail trail, CancellationToken ct)
    {
        await users.Rename(actor.UserId, request.Name.Trim(), ct);
        await trail.Record(context, "account-renamed", actor.UserId, actor.Email, ("name", request.Name.Trim()));
        return await Show(actor, users, ct);
    }
}
