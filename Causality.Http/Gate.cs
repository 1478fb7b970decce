using Causality.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causality.Http;

/// <summary>Enforces what endpoints ask of their callers: by the address before the body is read, by the body once it is.</summary>
internal static class Gate
{
    public static async Task Enter(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<Requirement>() is { } requirement)
        {
            var standing = await StandingOf(context, fresh: false);
            if (requirement.Administrator && !standing.Administrator && !(await StandingOf(context, fresh: true)).Administrator)
                throw new RefusedException("administrator-needed", "Only an administrator of this installation may do this.", StatusCodes.Status403Forbidden);
            if (requirement is { Where: In.Anywhere, Role: { } somewhere } && !Anywhere(standing, somewhere) && !Anywhere(await StandingOf(context, fresh: true), somewhere))
                throw new RefusedException("role-needed", $"This needs the role {somewhere.Name()} in some app.", StatusCodes.Status403Forbidden);
            if (requirement is { Where: In.Organization, Role: { } there } && context.GetRouteValue("organization_id") is string organization)
                await Grant(context, s => InOrganization(s, organization), there, standing);
            else if (requirement is { Where: In.App, Role: { } here } && AppId(context) is { } app)
                await Grant(context, s => InApp(s, app), here, standing);
        }
        await next(context);
    }

    /// <summary>What the body names counts, whatever the address named beside it.</summary>
    public static async ValueTask<object?> OfBody(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var context = call.HttpContext;
        if (context.GetEndpoint()?.Metadata.GetMetadata<Requirement>() is { Role: { } role, Where: In.App or In.Organization } requirement)
        {
            if (requirement.Where == In.Organization && call.Arguments.OfType<IOfOrganization>().FirstOrDefault() is { } ofOrganization)
                await Grant(context, s => InOrganization(s, ofOrganization.OrganizationId.ToString()), role, await StandingOf(context, fresh: false));
            else if (requirement.Where == In.App && call.Arguments.OfType<IOfApp>().FirstOrDefault() is { } ofApp)
                await Grant(context, s => InApp(s, ofApp.AppId), role, await StandingOf(context, fresh: false));
            else if (context.Features.Get<Granted>() is null)
                throw new RefusedException("app-id-missing", "The address must name an app: ?app_id=", StatusCodes.Status400BadRequest);
        }
        return await next(call);
    }

    private static async ValueTask<Standing> StandingOf(HttpContext context, bool fresh)
    {
        var actor = Actor.From(context) ?? throw new RefusedException("signed-out", "Sign in first.", StatusCodes.Status401Unauthorized);
        return await context.RequestServices.GetRequiredService<IAccess>().Of(actor, fresh, context.RequestAborted)
            ?? throw new RefusedException("session-ended", "The session has ended. Sign in again.", StatusCodes.Status401Unauthorized);
    }

    // a refusal is never told from memory: a role that was just given works at once
    private static async Task Grant(HttpContext context, Func<Standing, (Granted?, RefusedException Missing)> find, Role least, Standing standing)
    {
        var (granted, _) = find(standing);
        if (granted is null || granted.Role < least)
            (granted, _) = find(await StandingOf(context, fresh: true));
        if (granted is null)
            throw find(standing).Missing;
        context.Features.Set(granted);
        if (granted.Role < least)
            throw new RefusedException("role-needed", $"This needs the role {least.Name()}; yours is {granted.Role.Name()}.", StatusCodes.Status403Forbidden);
    }

    private static (Granted?, RefusedException) InOrganization(Standing standing, string id) =>
        (Guid.TryParse(id, out var organization) && standing.Organizations.TryGetValue(organization, out var role) ? new Granted(organization, null, role) : null,
            new RefusedException("organization-missing", "There is no such organization.", StatusCodes.Status404NotFound));

    private static (Granted?, RefusedException) InApp(Standing standing, string id) =>
        (standing.Apps.TryGetValue(id, out var app) ? new Granted(app.OrganizationId, id, app.Role) : null,
            new RefusedException("app-missing", $"There is no app \"{id}\".", StatusCodes.Status404NotFound));

    private static bool Anywhere(Standing standing, Role least) => standing.Organizations.Values.Any(role => role >= least) || standing.Apps.Values.Any(app => app.Role >= least);

    private static string? AppId(HttpContext context) =>
        context.GetRouteValue("app_id") as string ?? (context.Request.Query["app_id"] is [{ Length: > 0 } asked] ? asked : null);
}
