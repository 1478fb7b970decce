using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Ingest.Apps;

/// <summary>GET /api/v1/apps?organization_id=: the apps in which one has a role, by name, of all one's organizations or of one.</summary>
internal static class ListApps
{
    public sealed record Row(string Id, string Name, Guid OrganizationId, string TimeZone, Role Role);

    public static RouteHandlerBuilder Map(IEndpointRouteBuilder apps) => apps.MapGet("", Handle).RequireSignIn();

    private static async Task<Ok<IReadOnlyList<Row>>> Handle(Guid? organization_id, Actor actor, IAccess access, AppTable table, CancellationToken ct)
    {
        // fresh: who has just made an app finds it here
        var standing = await access.Of(actor, fresh: true, ct);
        var mine = (standing?.Apps ?? new Dictionary<string, AppStanding>()).Where(app => organization_id is null || app.Value.OrganizationId == organization_id).ToDictionary();
        var apps = await table.Of(mine.Keys, ct);
        return TypedResults.Ok<IReadOnlyList<Row>>([.. apps.Select(app => new Row(app.Id, app.Settings.Name, mine[app.Id].OrganizationId, app.Settings.TimeZone, mine[app.Id].Role))]);
    }
}
