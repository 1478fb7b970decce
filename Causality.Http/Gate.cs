using Causality.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causality.Http;

/// <summary>Enforces what endpoints ask of their callers: by the address before the body is read, by the body once it is.</summary>
internal static class Gate
{
    public static async Task Enter(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<Requirement>() is { } requirement)
        {
            // no text of PostgreSQL can hold it, and nobody means it
            if (context.Request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true)
                throw new RefusedException("bad-request", "The query must not contain the character NUL (%00).", StatusCodes.Status400BadRequest);
            var standing = await StandingOf(context, fresh: false);
            if (requirement.Administrator)
                await Administer(context, standing);
            if (requirement is { Where: In.Anywhere, Role: { } somewhere } && !Anywhere(standing, somewhere) && !Anywhere(await StandingOf(context, fresh: true), somewhere))
                throw new RefusedException("role-needed", $"This needs the role {somewhere.Name()} in some app.", StatusCodes.Status403Forbidden);
            if (requirement is { Where: (In.App or In.Organization) and var where, Role: { } role })
            {
                if (Addressed(context, where) is { } find)
                    await Grant(context, find, Oneself(context, requirement) ? Role.Viewer : role, standing, requirement.OrAdministrator);
                else if (!ByBody(endpoint, where))
                    await (requirement.OrAdministrator && !context.Request.Query.ContainsKey("app_id") ? Administer(context, standing) : throw Unaddressed(where));
            }
        }
        await next(context);
    }

    /// <summary>What the body names counts, beside what the address named.</summary>
    public static async ValueTask<object?> OfBody(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var context = call.HttpContext;
        if (context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<Requirement>() is { Role: { } role, Where: (In.App or In.Organization) and var where } requirement
            && ByBody(endpoint, where))
        {
            if (requirement.OrAdministrator && call.Arguments.OfType<IOfApp>().FirstOrDefault() is { AppId: null })
            {
                await Administer(context, await StandingOf(context, fresh: false));
                return await next(call);
            }
            Find find = where == In.App
                ? call.Arguments.OfType<IOfApp>().FirstOrDefault() is { } ofApp ? s => InApp(s, ofApp.AppId) : throw Bodiless()
                : call.Arguments.OfType<IOfOrganization>().FirstOrDefault() is { } ofOrganization ? s => InOrganization(s, ofOrganization.OrganizationId) : throw Bodiless();
            await Grant(context, find, role, await StandingOf(context, fresh: false), requirement.OrAdministrator);
        }
        return await next(call);
    }

    // whether what a request of this endpoint is about stands in its body
    private static bool ByBody(Endpoint endpoint, In where) =>
        endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is { } request
        && request.IsAssignableTo(where == In.App ? typeof(IOfApp) : typeof(IOfOrganization));

    private delegate (Granted? Granted, RefusedException Missing) Find(Standing standing);

    private static async ValueTask<Standing> StandingOf(HttpContext context, bool fresh)
    {
        var actor = Actor.From(context) ?? throw new RefusedException("signed-out", "Sign in first.", StatusCodes.Status401Unauthorized);
        return await context.RequestServices.GetRequiredService<IAccess>().Of(actor, fresh, context.RequestAborted)
            ?? throw new RefusedException("session-ended", "The session has ended. Sign in again.", StatusCodes.Status401Unauthorized);
    }

    private static async Task Administer(HttpContext context, Standing standing)
    {
        if (!standing.Administrator && !(await StandingOf(context, fresh: true)).Administrator)
            throw new RefusedException("administrator-needed", "Only an administrator of this installation may do this.", StatusCodes.Status403Forbidden);
    }

    // a refusal is never told from memory: a role that was just given works at once
    private static async Task Grant(HttpContext context, Find find, Role least, Standing standing, bool orAdministrator)
    {
        var (granted, missing) = find(standing);
        if (granted is null || granted.Role < least)
            (granted, missing) = find(standing = await StandingOf(context, fresh: true));
        if (granted is not null)
            context.Features.Set(granted);   // also where it is too little: the audit log is told whose organization it was
        if (orAdministrator && standing.Administrator)
            return;
        if (granted is null)
            throw missing;
        if (granted.Role < least)
            throw new RefusedException("role-needed", $"This needs the role {least.Name()}; yours is {granted.Role.Name()}.", StatusCodes.Status403Forbidden);
    }

    private static Find? Addressed(HttpContext context, In where) => where switch
    {
        In.Organization when context.GetRouteValue("organization_id") is string id => s => InOrganization(s, Guid.TryParse(id, out var organization) ? organization : Guid.Empty),
        In.App when AppId(context) is { } id => s => InApp(s, id),
        _ => null,
    };

    private static (Granted?, RefusedException) InOrganization(Standing standing, Guid organization) =>
        (standing.Organizations.TryGetValue(organization, out var role) ? new Granted(organization, null, role) : null,
            new RefusedException("organization-missing", "There is no such organization.", StatusCodes.Status404NotFound));

    private static (Granted?, RefusedException) InApp(Standing standing, string? id) =>
        (id is not null && standing.Apps.TryGetValue(id, out var app) ? new Granted(app.OrganizationId, id, app.Role) : null,
            new RefusedException("app-missing", $"There is no app \"{id}\".", StatusCodes.Status404NotFound));

    private static bool Anywhere(Standing standing, Role least) => standing.Organizations.Values.Any(role => role >= least) || standing.Apps.Values.Any(app => app.Role >= least);

    private static bool Oneself(HttpContext context, Requirement requirement) =>
        requirement.OrOneself && context.GetRouteValue("user_id") is string user && Guid.TryParse(user, out var id) && Actor.From(context.User)?.UserId == id;

    // twice in the query is no app: which of the two a handler would take is not worth knowing
    private static string? AppId(HttpContext context) =>
        context.GetRouteValue("app_id") as string ?? (context.Request.Query["app_id"] is [{ Length: > 0 } asked] ? asked : null);

    private static Exception Unaddressed(In where) => where == In.App
        ? new RefusedException("app-id-missing", "The address must name one app: ?app_id=", StatusCodes.Status400BadRequest)
        : new InvalidOperationException("An endpoint that asks for a role in an organization must name it in its route or its body.");

    private static RefusedException Bodiless() => new("bad-request", "The body must be given.", StatusCodes.Status400BadRequest);
}
