using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;

namespace Causality.Http;

/// <summary>The least role that an endpoint asks for; the OpenAPI document and the tests read it from the endpoint's metadata.</summary>
public sealed record RequiredRole(Role Role);

public static class RoleRequirement
{
    private static readonly AuthorizationPolicy[] Policies = [.. Enum.GetValues<Role>().Select(PolicyFor)];

    /// <summary>401 for who is not signed in, 403 for who has a lesser role.</summary>
    public static TBuilder RequireRole<TBuilder>(this TBuilder endpoints, Role role)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.RequireAuthorization(Policies[(int)role]).WithMetadata(new RequiredRole(role));

    private static AuthorizationPolicy PolicyFor(Role least) =>
        new AuthorizationPolicyBuilder()
            .RequireAuthenticatedUser()
            .RequireAssertion(context => Actor.From(context.User) is { } actor && actor.Role >= least)
            .Build();
}
