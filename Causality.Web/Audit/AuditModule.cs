using Causality.EventStore;
using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causality.Web.Audit;

/// <summary>The audit log: facts get there by themselves, the rest by <see cref="IAuditTrail"/>.</summary>
internal static class AuditModule
{
    public static void AddAudit(this IServiceCollection services)
    {
        services.AddSingleton<IAuditTrail, AuditTrail>();
        services.AddSingleton<AuditOfRefusals>();
        services.AddInlineProjection<AuditOfFacts>();
    }

    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        ReadAudit.Map(routes);
        ExportAudit.Map(routes);
    }
}
