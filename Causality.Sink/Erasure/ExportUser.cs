using System.Globalization;
using System.Text;
using Causality.Contracts;
using Causality.Http;
using Causality.Lake.Compaction;
using Causality.Lake.Ledger;
using Causality.Lake.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Causality.Sink.Erasure;

/// <summary>
/// GET /api/v1/operations/exports?app_id=&amp;user_id=: all events of a user that are stored, as they are, one JSON object a line: the
/// columns that have a value, and the payload. In the order of hours, and of the files within them.
/// </summary>
internal static class ExportUser
{
    private const int RowsAtOnce = 2_000;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/exports", Handle).WithName("export-user").Produces(StatusCodes.Status200OK, contentType: "application/x-ndjson").RequireRole(Role.Admin, In.App).Audited("user-exported");

    internal static async Task Handle([FromQuery(Name = "app_id")] string appId, [FromQuery(Name = "user_id")] string? userId, HttpContext context, LiveFiles live, IObjectStore store, IOptions<SinkOptions> options, TimeProvider clock, CancellationToken ct)
    {
        if (!RequestErasure.Checks.IsId(userId))
            throw new RefusedException("user-id-invalid", "The address must name a user: ?user_id= and 1 to 1024 characters.", StatusCodes.Status400BadRequest);
        var person = new Person(appId, userId, [], clock.GetUtcNow().AddYears(1));
        var app = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"app_id\":\"{appId}\","));   // an id has no character to be escaped
        using var merger = new FileMerger(options.Value.Compaction.Memory);
        context.Response.ContentType = "application/x-ndjson";
        foreach (var file in await live.Of(appId, 0, int.MaxValue, ct))
        {
            using var readable = await store.Open([file.Name], ct);
            for (var after = -1L; ;)
            {
                var rows = await Task.Run(() => merger.Json(person.Condition, readable.Names[0], after, RowsAtOnce, ct), ct);
                foreach (var (row, json) in rows)
                {
                    after = row;
                    await context.Response.Body.WriteAsync(app, ct);
                    await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(json.AsSpan(1).ToString() + '\n'), ct);
                }
                if (rows.Count < RowsAtOnce)
                    break;
            }
        }
    }
}
