using System.Security.Claims;
using Causality.EventStore.Streams;
using Microsoft.AspNetCore.Http;

namespace Causality.Http;

/// <summary>Who is asking, and from where. An endpoint takes it as a parameter; it is there wherever the endpoint asks for sign-in.</summary>
/// <param name="SessionId">The sign-in that the request belongs to.</param>
/// <param name="Address">Where the request came from.</param>
/// <param name="RequestId">The request's <c>X-Request-ID</c>.</param>
public sealed record Actor(Guid UserId, string Email, Guid SessionId, string? Address = null, string? RequestId = null)
{
    private const string Session = "sid";

    /// <summary>The claims that a sign-in issues, and that <see cref="From"/> reads back.</summary>
    public ClaimsPrincipal ToPrincipal(string authenticationType) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, UserId.ToString()),
            new Claim(ClaimTypes.Email, Email),
            new Claim(Session, SessionId.ToString()),
        ],
        authenticationType));

    /// <summary>Null where nobody is signed in, or the claims are not ours.</summary>
    public static Actor? From(ClaimsPrincipal principal) =>
        principal.Identity is { IsAuthenticated: true }
        && Guid.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
        && principal.FindFirstValue(ClaimTypes.Email) is { Length: > 0 } email
        && Guid.TryParse(principal.FindFirstValue(Session), out var session)
            ? new Actor(id, email, session)
            : null;

    /// <summary>The same, with the address and the id of the request.</summary>
    public static Actor? From(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return From(context.User) is { } actor ? actor with { Address = context.Connection.RemoteIpAddress?.ToString(), RequestId = context.TraceIdentifier } : null;
    }

    /// <summary>What the facts that this person decides are recorded with.</summary>
    public FactOrigin Origin(Guid? organization = null) => new(UserId.ToString(), Email, organization?.ToString(), CorrelationId: RequestId, Address: Address);

    /// <summary>Lets minimal APIs bind an <see cref="Actor"/> parameter.</summary>
    public static ValueTask<Actor?> BindAsync(HttpContext context) => ValueTask.FromResult(From(context));
}
