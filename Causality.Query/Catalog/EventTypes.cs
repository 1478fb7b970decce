using Causality.Contracts;
using Causality.Http;
using Causality.Lake.Ledger;
using Causality.Lake.Properties;
using Causality.Query.Engines;
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
    private const int MostDays = 90;

    /// <param name="Count">Events stored since the first, whatever became of them later.</param>
    /// <param name="FirstSeen">The earliest event time.</param>
    /// <param name="LastSeen">The latest event time.</param>
    /// <param name="Recent">With <c>recent_days</c>: events of the last days by event time that are in the lake.</param>
    public sealed record Row(string EventType, string EventCategory, long Count, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, long? Recent = null);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/event-types", Handle).WithName("event-types").RequireRole(Role.Viewer, In.App).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status504GatewayTimeout);

    internal static async Task<Ok<List<Row>>> Handle([FromQuery(Name = "app_id")] string? appId, [FromQuery(Name = "recent_days")] int? recentDays, NpgsqlDataSource database, LakeReader lake, DuckDbEngine engine,
        TimeProvider clock, CancellationToken ct)
    {
        var app = AskedApp.Of(appId);
        if (recentDays is < 1 or > MostDays)
            throw new RefusedException("days-invalid", $"recent_days must be 1 to {MostDays}.", 400);
        var recent = recentDays is { } days ? await Recent(lake, engine, app, clock.GetUtcNow(), days, ct) : null;
        await using var select = database.CreateCommand("select event_type, event_category, events, first_seen_ms, last_seen_ms from event_catalog where app_id = $1 order by events desc, event_type");
        select.Parameters.AddWithValue(app);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var rows = new List<Row>();
        while (await reader.ReadAsync(ct))
            rows.Add(new Row(reader.GetString(0), reader.GetString(1), reader.GetInt64(2), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(3)), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4)),
                recent?.GetValueOrDefault((reader.GetString(0), reader.GetString(1)))));
        return TypedResults.Ok(rows);
    }

    private static async Task<Dictionary<(string Type, string Category), long>> Recent(LakeReader lake, DuckDbEngine engine, string app, DateTimeOffset now, int days, CancellationToken ct)
    {
        using var snapshot = await lake.Read(app, now.AddDays(-days), now, ct);
        if (snapshot.Files.Count == 0)
            return [];
        var counted = await engine.Run(
            $"SELECT event_type, coalesce(event_category, ''), count(*) FROM read_parquet({PropertySql.Files(snapshot.Files)}, hive_partitioning = false) WHERE timestamp_ms >= $1 AND timestamp_ms < $2 GROUP BY ALL",
            [now.AddDays(-days).ToUnixTimeMilliseconds(), now.ToUnixTimeMilliseconds()], ct);
        return counted.Rows.ToDictionary(r => ((string)r[0]!, (string)r[1]!), r => (long)r[2]!);
    }
}
