using Causality.Http;
using Causality.Query.Catalog;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Query.Pipeline;

/// <summary>
/// GET /api/v1/pipeline/flow?app_id=: how an app's events travel just now: minute by minute of the last hour what was stored and how long it
/// took from receipt, and what the lake holds.
/// </summary>
internal static class PipelineFlow
{
    private const int Minutes = 60, FreshnessMinutes = 15;

    /// <param name="Lake">What is live.</param>
    /// <param name="Freshness">Over what was stored in the last 15 minutes; left out when nothing was.</param>
    /// <param name="Minutes">The last 60 minutes in which something was stored, the oldest first.</param>
    public sealed record Response(DateTimeOffset AsOf, Lake Lake, Freshness? Freshness, IReadOnlyList<Minute> Minutes);

    public sealed record Lake(long Events, long Files, long Bytes, long Snapshot);

    /// <summary>Seconds from receipt to commit, by percentile: the upper bound of the bucket that the percentile falls in; left out above a day.</summary>
    public sealed record Freshness(double? P50Seconds, double? P95Seconds, long Events);

    /// <param name="Stored">Events whose flush committed in this minute.</param>
    public sealed record Minute(DateTimeOffset At, long Stored, double? P50Seconds, double? P95Seconds);

    private sealed record Delay(int Minute, long AtMostMs, long Events);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/flow", Handle).WithName("pipeline-flow").RequireRole(Role.Viewer, In.App);

    internal static async Task<Ok<Response>> Handle([FromQuery(Name = "app_id")] string? appId, NpgsqlDataSource database, TimeProvider clock, CancellationToken ct)
    {
        var app = AskedApp.Of(appId);
        var now = clock.GetUtcNow();
        var minute = (int)(now.ToUnixTimeSeconds() / 60);
        var delays = await Delays(database, app, minute - Minutes, ct);
        var recent = delays.Where(d => d.Minute > minute - FreshnessMinutes).ToList();
        return TypedResults.Ok(new Response(now, await InTheLake(database, app, ct),
            recent.Count == 0 ? null : new Freshness(Percentile(recent, 0.5), Percentile(recent, 0.95), recent.Sum(d => d.Events)),
            [.. delays.GroupBy(d => d.Minute).OrderBy(m => m.Key).Select(m => new Minute(DateTimeOffset.UnixEpoch.AddMinutes(m.Key), m.Sum(d => d.Events), Percentile(m, 0.5), Percentile(m, 0.95)))]));
    }

    /// <summary>The bound that at least this share of the events did not exceed, in seconds.</summary>
    private static double? Percentile(IEnumerable<Delay> delays, double share)
    {
        var byBound = delays.GroupBy(d => d.AtMostMs).Select(g => (AtMostMs: g.Key, Events: g.Sum(d => d.Events))).OrderBy(g => g.AtMostMs).ToList();
        var needed = share * byBound.Sum(b => b.Events);
        var below = 0L;
        foreach (var (atMostMs, events) in byBound)
            if ((below += events) >= needed)
                return atMostMs == long.MaxValue ? null : atMostMs / 1000d;
        return null;
    }

    private static async Task<List<Delay>> Delays(NpgsqlDataSource database, string app, int after, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select minute, at_most_ms, events from pipeline_delays where app_id = $1 and minute > $2");
        select.Parameters.AddWithValue(app);
        select.Parameters.AddWithValue(after);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var delays = new List<Delay>();
        while (await reader.ReadAsync(ct))
            delays.Add(new Delay(reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2)));
        return delays;
    }

    private static async Task<Lake> InTheLake(NpgsqlDataSource database, string app, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            """
            select coalesce(sum(rows), 0)::bigint, count(*), coalesce(sum(bytes), 0)::bigint, coalesce((select snapshot from lake_snapshots where app_id = $1), 0)
            from lake_files where app_id = $1 and added_snapshot is not null and retired_snapshot is null
            """);
        select.Parameters.AddWithValue(app);
        await using var reader = await select.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new Lake(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
    }
}
