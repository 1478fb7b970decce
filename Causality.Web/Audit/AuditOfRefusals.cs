using System.Collections.Concurrent;
using Causality.Contracts;
using Causality.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Causality.Web.Audit;

/// <summary>
/// Keeps what a signed-in person was refused. The same refusal by the same route of one organization or app is kept once a minute by each host, so
/// that a program that insists does not fill the log, whatever ids it makes up.
/// </summary>
internal sealed class AuditOfRefusals(IAuditTrail trail, TimeProvider clock) : IMiddleware
{
    internal static readonly TimeSpan Once = TimeSpan.FromMinutes(1);
    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<(Guid User, Granted? In, string Method, string Route, string Code), DateTimeOffset> _kept = new();

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (RefusedException refused) when (refused.Status == StatusCodes.Status403Forbidden || refused.Code is "app-missing" or "organization-missing")
        {
            if (Actor.From(context) is { } actor)
                await Keep(context, actor, refused);
            throw;
        }
    }

    private async Task Keep(HttpContext context, Actor actor, RefusedException refused)
    {
        // where the organization is not the person's, the route is kept and not what was asked for: others will read it
        var granted = context.Features.Get<Granted>();
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "";
        var asked = granted is not null ? context.Request.Path.ToString() : route;
        var subject = $"{context.Request.Method} /{asked.TrimStart('/')}";
        var (now, key) = (clock.GetUtcNow(), (actor.UserId, granted, context.Request.Method, route, refused.Code));
        if (_kept.TryGetValue(key, out var last) && now - last < Once)
            return;
        if (_kept.Count >= MostRemembered)
            _kept.Clear();
        _kept[key] = now;
        await trail.Record(new AuditEntry("refused", subject, granted?.OrganizationId, actor.UserId.ToString(), actor.Email, actor.Address, actor.RequestId,
            [new AuditChange("reason", null, refused.Code)]), CancellationToken.None);
    }
}
