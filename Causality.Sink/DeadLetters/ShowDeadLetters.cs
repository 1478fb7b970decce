using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Sink.DeadLetters;

/// <summary>GET /api/v1/operations/dead-letters?app_id=: what could not be stored, by reason and app. Of one app for its admins, without it all for administrators.</summary>
internal static class ShowDeadLetters
{
    /// <param name="Events">Dead events that nobody has decided on.</param>
    /// <param name="Threshold">With more of them in the whole installation, hosts warn.</param>
    /// <param name="AsOf">The moment of the figures: with it as <c>before</c>, a decision on a group reaches no letter that came later.</param>
    /// <param name="Groups">Those that somebody has to decide on first, then the newest.</param>
    public sealed record Response(long Events, int Threshold, DateTimeOffset AsOf, IReadOnlyList<Group> Groups);

    /// <param name="AppId">Left out where the letters are of several apps, or nobody's.</param>
    /// <param name="Letters">All there were, whatever became of them.</param>
    /// <param name="Events">The events that they stand for.</param>
    /// <param name="OpenEvents">Those of them that nobody has decided on.</param>
    public sealed record Group(string Reason, long Letters, long Events, long OpenEvents, DateTimeOffset FirstAt, DateTimeOffset LastAt, States States, string? AppId = null);

    /// <summary>Letters: those that wait, were sent again, were given up.</summary>
    public sealed record States(long Open, long Replayed, long Discarded);

    public static void Map(IEndpointRouteBuilder letters) => letters.MapGet("", Handle).WithName("show-dead-letters").RequireRoleOrAdministrator(Role.Admin);

    private static async Task<Ok<Response>> Handle(string? app_id, NpgsqlDataSource database, DeadLetterDepth depth, CancellationToken ct)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select now()"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            """
            select reason, app_id, count(*), sum(events)::bigint, min(at), max(at), count(*) filter (where state = 'open'), count(*) filter (where state in ('replaying', 'replayed')),
                count(*) filter (where state = 'discarded'), coalesce(sum(events) filter (where state = 'open'), 0)::bigint
            from dead_letters where $1::text is null or app_id = $1
            group by reason, app_id order by count(*) filter (where state = 'open') > 0 desc, max(at) desc, reason, app_id
            """) { Parameters = { new NpgsqlParameter<string?> { TypedValue = app_id, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text } } });
        await using var row = await batch.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        var asOf = row.GetFieldValue<DateTimeOffset>(0);
        await row.NextResultAsync(ct);
        var (groups, open) = (new List<Group>(), 0L);
        while (await row.ReadAsync(ct))
        {
            groups.Add(new Group(row.GetString(0), row.GetInt64(2), row.GetInt64(3), row.GetInt64(9), row.GetFieldValue<DateTimeOffset>(4), row.GetFieldValue<DateTimeOffset>(5),
                new States(row.GetInt64(6), row.GetInt64(7), row.GetInt64(8)), row.IsDBNull(1) ? null : row.GetString(1)));
            open += row.GetInt64(9);
        }
        return TypedResults.Ok(new Response(open, depth.Threshold, asOf, groups));
    }
}
