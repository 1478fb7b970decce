using System.Diagnostics;
using Causality.Http;
using Causality.Lake.Ledger;
using Causality.Query.Catalog;
using Causality.Query.Engines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Query.Trends;

/// <summary>POST /api/v1/analytics/trends: events per bucket of time, each bucket of the range present.</summary>
internal static class AskTrends
{
    /// <param name="At">Where the bucket begins, with the zone's offset.</param>
    /// <param name="Unfinished">True for the bucket that holds now; left out otherwise.</param>
    public sealed record Point(DateTimeOffset At, long Value, bool? Unfinished = null);

    /// <param name="Breakdown">The value of the column or property, <c>(none)</c> where missing, <c>(other)</c> for all beyond the 25 heaviest; left out without breakdown.</param>
    public sealed record Line(string EventType, long Total, IReadOnlyList<Point> Points, string? Breakdown = null);

    /// <param name="Snapshot">The app's snapshot number that was read; 0 before its first event.</param>
    public sealed record Response(IReadOnlyList<Line> Series, long Snapshot, double ElapsedMs);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/trends", Handle).WithName("trends").WithChecks<TrendsPlan, TrendsChecks>().RequireRole(Role.Viewer, In.App)
            .ProducesProblem(StatusCodes.Status504GatewayTimeout);

    internal static async Task<Ok<Response>> Handle(TrendsPlan plan, LakeReader lake, DuckDbEngine engine, PropertyQuestions questions, TimeProvider clock, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        var buckets = plan.Buckets!;
        using var snapshot = await lake.Read(plan.AppId, plan.Start, plan.End, ct);
        IReadOnlyList<object?[]> rows = [];
        if (snapshot.Files.Count > 0)
        {
            var (sql, arguments) = TrendsSql.Compile(plan, buckets, snapshot);
            rows = (await engine.Run(sql, arguments, ct)).Rows;
        }
        if (plan.BreakdownProperty is { } property)
            questions.Asked(plan.AppId, property);
        var lines = Lines(plan, buckets, rows, clock.GetUtcNow());
        return TypedResults.Ok(new Response(lines, snapshot.Snapshot, Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1)));
    }

    internal static List<Line> Lines(TrendsPlan plan, Buckets buckets, IReadOnlyList<object?[]> rows, DateTimeOffset now)
    {
        var counts = new Dictionary<(string Type, string? Value, bool IsRest), long[]>();
        foreach (var row in rows)
        {
            var key = ((string)row[0]!, (string?)row[1], (bool)row[2]!);
            if (!counts.TryGetValue(key, out var values))
                counts[key] = values = new long[buckets.Starts.Count];
            values[buckets.BucketOf((long)row[3]!)] += (long)row[4]!;
        }
        var lines = new List<Line>();
        foreach (var series in plan.Series)
        {
            var found = counts.Where(c => c.Key.Type == series.EventType)
                .OrderBy(c => c.Key.IsRest).ThenByDescending(c => c.Value.Sum()).ThenBy(c => c.Key.Value, StringComparer.Ordinal).ToList();
            if (found.Count == 0 && plan.Breakdown is null)
                found.Add(new((series.EventType, null, false), new long[buckets.Starts.Count]));
            lines.AddRange(found.Select(f => new Line(series.EventType, f.Value.Sum(), Points(plan, buckets, f.Value, now), Label(plan, f.Key))));
        }
        return lines;
    }

    // a value that reads like a label stays a line of its own: only the label is shared
    private static string? Label(TrendsPlan plan, (string Type, string? Value, bool IsRest) key) =>
        plan.Breakdown is null ? null : key.IsRest ? TrendsSql.Other : key.Value ?? TrendsSql.Missing;

    private static List<Point> Points(TrendsPlan plan, Buckets buckets, long[] values, DateTimeOffset now)
    {
        var zone = plan.Zone;
        return [.. values.Select((value, i) => new Point(
            TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(buckets.Starts[i]), zone), value, buckets.Holds(i, now.ToUnixTimeMilliseconds()) ? true : null))];
    }
}
