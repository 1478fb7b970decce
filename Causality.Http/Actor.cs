using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Causality.Http;

/// <summary>Who is asking. An endpoint takes it as a parameter; it is there wherever <see cref="RoleRequirement.RequireRole"/> stands.</summary>
public sealed record Actor(Guid UserId, string Email, Role Role)
{
    /// <summary>The claims that a sign-in issues, and that <see cref="From"/> reads back.</summary>
    public ClaimsPrincipal ToPrincipal(string authenticationType) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, UserId.ToString()),
            new Claim(ClaimTypes.Email, Email),
            new Claim(ClaimTypes.Role, Role.ToString()),
        ],
        authenticationType));

    /// <summary>Null where nobody is signed in, or the claims are not ours.</summary>
    public static Actor? From(ClaimsPrincipal principal) =>
        principal.Identity is { IsAuthenticated: true }
        && Guid.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
        && principal.FindFirstValue(ClaimTypes.Email) is { Length: > 0 } email
        && Enum.TryParse<Role>(principal.FindFirstValue(ClaimTypes.Role), ignoreCase: true, out var role) && Enum.IsDefined(role)
            ? new Actor(id, email, role)
            : null;

    /// <summary>Lets minimal APIs bind an <see cref="Actor"/> parameter.</summary>
    public static ValueTask<Actor?> BindAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(From(context.User));
    }
}
