using Causality.Contracts;
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
/// GET /api/v1/pipeline/ledger?app_id=&amp;from=&amp;to=: the books of an app's events, of all time, or of what was received in [from, to); with
/// <c>by=hour</c> each hour of receipt apart as well. Accepted is what was published; in flight is what was published and has not arrived,
/// compared run by run of the publishing hosts: a host that died within a quarter of a second of a publish has not reported it, and is then
/// taken at what arrived.
/// </summary>
internal static class PipelineLedger
{
    private const int MostHours = 24 * 31;

    /// <param name="Accepted">Events answered <c>accepted</c>, on the broker's disk or a spool's = the sum of all others.</param>
    /// <param name="Erased">Of the stored: taken out of the lake again, or never brought there, since their person was erased.</param>
    /// <param name="Expired">Of the stored: taken out of the lake again by the app's retention.</param>
    /// <param name="Balanced">Whether it is that sum. When false, something was lost or counted twice.</param>
    /// <param name="Hours">With <c>by=hour</c>: the hours of receipt in which something happened, the latest first.</param>
    public sealed record Response(long Accepted, long Stored, long Duplicates, long Dead, long Discarded, long Quarantined, long InFlight, long Erased, long Expired, bool Balanced, IReadOnlyList<Hour>? Hours = null);

    /// <param name="At">When the hour of receipt began.</param>
    public sealed record Hour(DateTimeOffset At, long Accepted, long Stored, long Duplicates, long Dead, long Discarded, long Quarantined, long InFlight, long Erased, long Expired, bool Balanced);

    /// <param name="By"><c>hour</c>, or nothing.</param>
    public sealed record Request([FromQuery(Name = "app_id")] string? AppId, [FromQuery(Name = "from")] DateTimeOffset? From, [FromQuery(Name = "to")] DateTimeOffset? To, [FromQuery(Name = "by")] string? By);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/ledger", Handle).WithName("pipeline-ledger").RequireRole(Role.Viewer, In.App);

    internal static async Task<Ok<Response>> Handle([AsParameters] Request request, NpgsqlDataSource database, CancellationToken ct)
    {
        var app = AskedApp.Of(request.AppId);
        var (from, to) = (Floor(request.From) ?? 0, Ceiling(request.To) ?? int.MaxValue);
        if (from >= to)
            throw new RefusedException("range-empty", "from must be before to.", 400);
        if (request.By is not (null or "hour"))
            throw new RefusedException("by-unknown", "by can only be hour.", 400);
        var hours = await Hours(database, app, from, to, ct);
        var total = new Hour(default, Sum(h => h.Accepted), Sum(h => h.Stored), Sum(h => h.Duplicates), Sum(h => h.Dead), Sum(h => h.Discarded), Sum(h => h.Quarantined), Sum(h => h.InFlight), Sum(h => h.Erased), Sum(h => h.Expired), hours.All(h => h.Balanced));
        return TypedResults.Ok(new Response(total.Accepted, total.Stored, total.Duplicates, total.Dead, total.Discarded, total.Quarantined, total.InFlight, total.Erased, total.Expired, total.Balanced,
            request.By is null ? null : [.. hours.Take(MostHours)]));

        long Sum(Func<Hour, long> figure) => hours.Sum(figure);
    }

    private static async Task<List<Hour>> Hours(NpgsqlDataSource database, string app, int from, int to, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            """
            with both_ends as (
                select hour, coalesce(p.events, 0) as published, coalesce(a.events, 0) as arrived
                from (select * from pipeline_published where app_id = $1 and hour >= $2 and hour < $3) p
                full join (select * from pipeline_arrived where app_id = $1 and hour >= $2 and hour < $3) a using (run_id, hour)),
            ends as (
                select hour, sum(greatest(published, arrived))::bigint as accepted, sum(greatest(published - arrived, 0))::bigint as in_flight from both_ends group by hour)
            select hour, coalesce(accepted, 0), coalesce(stored, 0), coalesce(duplicates, 0), coalesce(dead, 0), coalesce(discarded, 0), coalesce(quarantined, 0), coalesce(in_flight, 0), coalesce(erased, 0), coalesce(expired, 0)
            from ends full join (select * from pipeline_outcomes where app_id = $1 and hour >= $2 and hour < $3) o using (hour)
            order by hour desc
            """);
        select.Parameters.AddWithValue(app);
        select.Parameters.AddWithValue(from);
        select.Parameters.AddWithValue(to);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var hours = new List<Hour>();
        while (await reader.ReadAsync(ct))
        {
            var (accepted, stored, duplicates, dead, discarded, quarantined, inFlight) = (Figure(1), Figure(2), Figure(3), Figure(4), Figure(5), Figure(6), Figure(7));
            hours.Add(new Hour(DateTimeOffset.UnixEpoch.AddHours(reader.GetInt32(0)), accepted, stored, duplicates, dead, discarded, quarantined, inFlight, Figure(8), Figure(9),
                accepted == stored + duplicates + dead + discarded + quarantined + inFlight));
        }
        return hours;

        long Figure(int column) => reader.GetInt64(column);
    }

    private static int? Floor(DateTimeOffset? at) => at is { } moment ? (int)Math.Floor(moment.ToUnixTimeMilliseconds() / 3_600_000d) : null;

    private static int? Ceiling(DateTimeOffset? at) => at is { } moment ? (int)Math.Ceiling(moment.ToUnixTimeMilliseconds() / 3_600_000d) : null;
}
