using System.Text.Json.Serialization;
using Causality.Contracts;
using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Ingest.Apps;

/// <summary>GET /api/v1/apps/{app_id}: an app with its settings.</summary>
internal static class ShowApp
{
    /// <param name="AllowedOrigins">Origins of web pages that may send; none allows every one.</param>
    /// <param name="RetentionDays">Null keeps events for ever.</param>
    /// <param name="DeniedProperties">Names of properties that are not stored, with * and ?.</param>
    /// <param name="Enrichment">Whether browser, campaign and the like are found out where the client does not say them.</param>
    /// <param name="Version">To be sent back with a change.</param>
    public sealed record Response(
        string Id, string Name, Guid OrganizationId, string TimeZone, IReadOnlyList<string> AllowedOrigins,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? RetentionDays, IpPolicy IpPolicy,
        IReadOnlyList<string> DeniedProperties, bool Enrichment, long Version, DateTimeOffset CreatedAt);

    public static RouteHandlerBuilder Map(IEndpointRouteBuilder apps) => apps.MapGet("/{app_id}", Handle).RequireRole(Role.Viewer, In.App);

    private static async Task<Ok<Response>> Handle(string app_id, AppTable table, CancellationToken ct) => TypedResults.Ok(await Read(app_id, table, ct));

    internal static async Task<Response> Read(string id, AppTable table, CancellationToken ct) =>
        await table.Find(id, ct) is { OrganizationId: { } organization, Settings: var settings } app
            ? new Response(app.Id, settings.Name, organization, settings.TimeZone, settings.AllowedOrigins, settings.RetentionDays, settings.IpPolicy,
                settings.DeniedProperties, settings.Enrichment, app.Version, app.CreatedAt)
            : throw new RefusedException("app-missing", $"There is no app \"{id}\".", StatusCodes.Status404NotFound);
}
