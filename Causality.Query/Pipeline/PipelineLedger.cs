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
/// GET /api/v1/pipeline/ledger?app_id=: the books of an app's events, all time. Accepted is what was published; in flight is what was
/// published and has not arrived, compared run by run of the publishing hosts: a host that died within a quarter of a second of a
/// publish has not reported it, and is then taken at what arrived.
/// </summary>
internal static class PipelineLedger
{
    /// <param name="Accepted">Events answered <c>accepted</c> and confirmed by the broker = the sum of all others.</param>
    public sealed record Response(long Accepted, long Stored, long Duplicates, long Dead, long Discarded, long Quarantined, long InFlight);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/ledger", Handle).WithName("pipeline-ledger").RequireRole(Role.Viewer, In.App);

    internal static async Task<Ok<Response>> Handle([FromQuery(Name = "app_id")] string? appId, NpgsqlDataSource database, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            """
            with both_ends as (
                select coalesce(p.events, 0) as published, coalesce(a.events, 0) as arrived
                from (select * from pipeline_published where app_id = $1) p
                full join (select * from pipeline_arrived where app_id = $1) a using (run_id, hour)),
            outcomes as (
                select coalesce(sum(stored), 0) stored, coalesce(sum(duplicates), 0) duplicates, coalesce(sum(dead), 0) dead,
                    coalesce(sum(discarded), 0) discarded, coalesce(sum(quarantined), 0) quarantined
                from pipeline_outcomes where app_id = $1)
            select (select coalesce(sum(greatest(published, arrived)), 0) from both_ends), stored, duplicates, dead, discarded, quarantined,
                (select coalesce(sum(greatest(published - arrived, 0)), 0) from both_ends)
            from outcomes
            """);
        select.Parameters.AddWithValue(AskedApp.Of(appId));
        await using var reader = await select.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        long Figure(int i) => (long)reader.GetDecimal(i);
        return TypedResults.Ok(new Response(Figure(0), Figure(1), Figure(2), Figure(3), Figure(4), Figure(5), Figure(6)));
    }
}
