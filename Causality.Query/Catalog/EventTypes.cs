using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Query.Catalog;

/// <summary>GET /api/v1/analytics/event-types?app_id=: what the app sends, the most frequent first.</summary>
internal static class EventTypes
{
    /// <param name="Count">Events stored since the first.</param>
    /// <param name="LastSeen">The latest event time.</param>
    public sealed record Row(string EventType, string EventCategory, long Count, DateTimeOffset LastSeen);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/event-types", Handle).WithName("event-types").RequireRole(Role.Viewer, In.App);

    internal static async Task<Ok<List<Row>>> Handle([FromQuery(Name = "app_id")] string? appId, NpgsqlDataSource database, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select event_type, event_category, events, last_seen_ms from event_catalog where app_id = $1 order by events desc, event_type");
        select.Parameters.AddWithValue(AskedApp.Of(appId));
        await using var reader = await select.ExecuteReaderAsync(ct);
        var rows = new List<Row>();
        while (await reader.ReadAsync(ct))
            rows.Add(new Row(reader.GetString(0), reader.GetString(1), reader.GetInt64(2), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(3))));
        return TypedResults.Ok(rows);
    }
}
