using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Causality.Http;

/// <summary>Where a role must be held.</summary>
public enum In
{
    /// <summary>In the app that the route or the query names as <c>app_id</c>, or the body by <see cref="IOfApp"/>.</summary>
    App,

    /// <summary>In the organization that the route names as <c>organization_id</c>, or the body by <see cref="IOfOrganization"/>.</summary>
    Organization,

    /// <summary>In any app; the endpoint itself answers only of those where it is held (<see cref="IAccess"/>).</summary>
    Anywhere,
}

/// <summary>A request whose body names the app that it is about.</summary>
public interface IOfApp
{
    /// <summary>Null, where the endpoint is for administrators too, for all apps at once.</summary>
    string? AppId { get; }
}

/// <summary>A request whose body names the organization that it is about.</summary>
public interface IOfOrganization
{
    Guid OrganizationId { get; }
}

/// <summary>What an endpoint asks of who calls it, as metadata: it is enforced from here, and read by the tests.</summary>
/// <param name="Role">The least role; null where sign-in is enough.</param>
/// <param name="Where">In what the role must be held; null without a role.</param>
/// <param name="Administrator">Whether the caller must be an administrator of the installation.</param>
/// <param name="OrOneself">Whether any member may do it to oneself: to the <c>user_id</c> of the route.</param>
/// <param name="OrAdministrator">Whether an administrator of the installation may too, of any app; a request that names none is then one for all of them.</param>
public sealed record Requirement(Role? Role, In? Where, bool Administrator, bool OrOneself = false, bool OrAdministrator = false);

/// <summary>The role that the caller was found to have in the app or the organization that the request is about; enough for the endpoint, once that is reached.</summary>
public sealed record Granted(Guid OrganizationId, string? AppId, Role Role)
{
    /// <summary>Throws where the endpoint asks for no role.</summary>
    public static Granted Of(HttpContext context) =>
        context.Features.Get<Granted>() ?? throw new InvalidOperationException($"{context.GetEndpoint()?.DisplayName} asks for no role.");
}

public static class Requirements
{
    /// <summary>
    /// 401 for who is not signed in; 404 for who is not a member, as if the app or organization did not exist; 403, naming the role, for
    /// who has a lesser one. With <paramref name="orOneself"/>, any member may do it to the <c>user_id</c> of the route that is their own.
    /// What the address names is judged before the body is read, what the body names after the checks that stand before this call.
    /// </summary>
    public static TBuilder RequireRole<TBuilder>(this TBuilder endpoints, Role role, In where, bool orOneself = false) where TBuilder : IEndpointConventionBuilder =>
        endpoints.Require(new Requirement(role, where, false, orOneself)).AddEndpointFilter(Gate.OfBody)
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);

    /// <summary>As <see cref="RequireRole"/> in an app, or for an administrator of the installation; a request that names no app is for all at once, and asks for that.</summary>
    public static TBuilder RequireRoleOrAdministrator<TBuilder>(this TBuilder endpoints, Role role) where TBuilder : IEndpointConventionBuilder =>
        endpoints.Require(new Requirement(role, In.App, false, OrAdministrator: true)).AddEndpointFilter(Gate.OfBody)
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);

    /// <summary>401 for who is not signed in.</summary>
    public static TBuilder RequireSignIn<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.Require(new Requirement(null, null, false));

    /// <summary>401 for who is not signed in, 403 for who is no administrator of the installation.</summary>
    public static TBuilder RequireAdministrator<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.Require(new Requirement(null, null, true)).ProducesProblem(StatusCodes.Status403Forbidden);

    /// <summary>Enforces what endpoints ask for; stands between authentication and the endpoints.</summary>
    public static IApplicationBuilder UseRequirements(this IApplicationBuilder app) => app.Use(Gate.Enter);

    private static TBuilder Require<TBuilder>(this TBuilder endpoints, Requirement requirement) where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(requirement).ProducesProblem(StatusCodes.Status401Unauthorized);
}
