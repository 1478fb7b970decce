using Causality.Contracts;
using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Sink.Jobs;

/// <summary>POST /api/v1/operations/runs/{run_id}/cancel: asks the host that has the run to stop it, which it learns within a second. 409 for a run that has ended.</summary>
internal static class CancelRun
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/runs/{run_id:guid}/cancel", Handle).WithName("cancel-job-run").RequireAdministrator().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    internal static async Task<Ok<JobRun>> Handle(Guid run_id, Actor actor, JobRuns runs, IAuditTrail audit, NpgsqlDataSource database, CancellationToken ct)
    {
        var run = await JobRunTable.Find(database, run_id, ct) ?? throw new RefusedException("run-missing", "There is no such run.", StatusCodes.Status404NotFound);
        await audit.Record(actor.OnJob("job-run-cancelled", run.Job, new AuditChange("run", null, run_id.ToString())), ct);
        if (!await JobRunTable.Cancel(database, run_id, actor.Email, ct))
            throw new RefusedException("run-ended", "The run has ended already.");
        runs.Cancel(run_id);
        return TypedResults.Ok(run);
    }
}
