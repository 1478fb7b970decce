using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Sink.Jobs;

/// <summary>POST /api/v1/operations/jobs/{job}/pause: it no more runs by itself, on any host. What runs goes on. Twice is not an error.</summary>
internal static class PauseJob
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/jobs/{job}/pause", Handle).WithName("pause-job").RequireAdministrator().ProducesProblem(StatusCodes.Status404NotFound);

    internal static async Task<Ok<ListJobs.Job>> Handle(string job, Actor actor, JobList jobs, JobSchedule schedule, IAuditTrail audit, NpgsqlDataSource database, CancellationToken ct)
    {
        var found = jobs.Named(job);
        await audit.Record(actor.OnJob("job-paused", job), ct);
        await schedule.Pause(found, ct);
        return TypedResults.Ok(await ListJobs.Show(found, schedule, database, ct));
    }
}

/// <summary>POST /api/v1/operations/jobs/{job}/resume: it runs by its schedule again, and once at once where it has missed a time. Twice is not an error.</summary>
internal static class ResumeJob
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/jobs/{job}/resume", Handle).WithName("resume-job").RequireAdministrator().ProducesProblem(StatusCodes.Status404NotFound);

    internal static async Task<Ok<ListJobs.Job>> Handle(string job, Actor actor, JobList jobs, JobSchedule schedule, IAuditTrail audit, NpgsqlDataSource database, CancellationToken ct)
    {
        var found = jobs.Named(job);
        await audit.Record(actor.OnJob("job-resumed", job), ct);
        await schedule.Resume(found, ct);
        return TypedResults.Ok(await ListJobs.Show(found, schedule, database, ct));
    }
}
