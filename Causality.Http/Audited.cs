using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Causality.Http;

public static class Audits
{
    /// <summary>
    /// Keeps in the audit log that the endpoint was called, with its query, before it answers: what cannot be kept is not done. To be
    /// called after RequireRole.
    /// </summary>
    public static TBuilder Audited<TBuilder>(this TBuilder endpoint, string action) where TBuilder : IEndpointConventionBuilder =>
        endpoint.AddEndpointFilter(async (call, next) =>
        {
            var context = call.HttpContext;
            var (actor, granted) = (Actor.From(context)!, Granted.Of(context));
            await context.RequestServices.GetRequiredService<IAuditTrail>().Record(new AuditEntry(action, context.Request.Path, granted.OrganizationId, actor.UserId.ToString(), actor.Email, actor.Address, actor.RequestId,
                [.. context.Request.Query.Select(asked => new AuditChange(asked.Key, null, asked.Value.ToString()))]), context.RequestAborted);
            return await next(call);
        });
}
