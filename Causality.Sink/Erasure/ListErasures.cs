using System.Data.Common;
using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Sink.Erasure;

/// <summary>What became of an erasure.</summary>
/// <param name="RequestedAt">Events received before it go, whenever they come.</param>
/// <param name="RequestedBy">E-mail of who asked for it.</param>
/// <param name="State">requested, running or done.</param>
/// <param name="Rows">Events that were taken out of the lake.</param>
/// <param name="Files">Files that were written again; the old ones are deleted after their grace.</param>
/// <param name="DeadLetters">Dead letters that events were taken out of.</param>
internal sealed record ErasureReport(Guid Id, string AppId, string? UserId, IReadOnlyList<string> DeviceIds, DateTimeOffset RequestedAt, string RequestedBy, string State,
    long Rows, long Files, long DeadLetters, DateTimeOffset? StartedAt = null, DateTimeOffset? EndedAt = null)
{
    public const string Columns = "e.id, e.app_id, e.user_id, e.device_ids, e.requested_at, e.requested_by, e.state, e.rows, e.files, e.dead_letters, e.started_at, e.ended_at";

    public static ErasureReport Read(DbDataReader row) => new(row.GetGuid(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetFieldValue<string[]>(3), row.GetFieldValue<DateTimeOffset>(4),
        row.GetString(5), row.GetString(6), row.GetInt64(7), row.GetInt64(8), row.GetInt64(9), row.IsDBNull(10) ? null : row.GetFieldValue<DateTimeOffset>(10), row.IsDBNull(11) ? null : row.GetFieldValue<DateTimeOffset>(11));
}

/// <summary>GET /api/v1/operations/erasures?app_id=: the erasures of an app, the latest first, at most 1,000.</summary>
internal static class ListErasures
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/erasures", Handle).WithName("erasures").RequireRole(Role.Admin, In.App);

    internal static async Task<Ok<List<ErasureReport>>> Handle([FromQuery(Name = "app_id")] string appId, NpgsqlDataSource database, CancellationToken ct)
    {
        await using var select = database.CreateCommand($"select {ErasureReport.Columns} from erasures e where app_id = $1 order by requested_at desc, id desc limit 1000");
        select.Parameters.AddWithValue(appId);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var reports = new List<ErasureReport>();
        while (await reader.ReadAsync(ct))
            reports.Add(ErasureReport.Read(reader));
        return TypedResults.Ok(reports);
    }
}
