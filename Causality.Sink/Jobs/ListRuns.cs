using Causality.Contracts;
using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Sink.Jobs;

/// <summary>GET /api/v1/operations/jobs/{job}/runs: the history of a job, the latest run first.</summary>
internal static class ListRuns
{
    private const int Usual = 20, Most = 200;

    /// <param name="Next">For <c>before</c>, to read on; left out at the end.</param>
    public sealed record Response(IReadOnlyList<JobRun> Runs, Guid? Next = null);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/jobs/{job}/runs", Handle).WithName("list-job-runs").RequireAdministrator().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);

    internal static async Task<Ok<Response>> Handle(string job, Guid? before, int? limit, JobList jobs, NpgsqlDataSource database, CancellationToken ct)
    {
        if (limit is < 1 or > Most)
            throw new RefusedException("limit-invalid", $"limit must be 1 to {Most}.", StatusCodes.Status400BadRequest);
        var size = limit ?? Usual;
        var runs = await JobRunTable.Of(database, jobs.Named(job).Name, before, size + 1, ct);
        return TypedResults.Ok(runs.Count > size ? new Response([.. runs.Take(size)], runs[size - 1].Id) : new Response(runs));
    }
}
