using Causality.Contracts;
using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Sink.Jobs;

/// <summary>GET /api/v1/operations/jobs: every maintenance job, when it runs next and how it ended last.</summary>
internal static class ListJobs
{
    /// <param name="Schedule">A cron expression of Quartz, in UTC.</param>
    /// <param name="Scoped">Whether it can be told to work on one app, or a range of time, alone.</param>
    /// <param name="NextAt">Left out while it is paused.</param>
    /// <param name="Last">The run that is running, else the last one; left out where there is none.</param>
    public sealed record Job(string Name, string Description, string Schedule, bool Scoped, bool Paused, bool Running, DateTimeOffset? NextAt = null, JobRun? Last = null);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/jobs", Handle).WithName("list-jobs").RequireAdministrator();

    internal static async Task<Ok<List<Job>>> Handle(JobList jobs, JobSchedule schedule, NpgsqlDataSource database, CancellationToken ct)
    {
        var last = await JobRunTable.Last(database, ct);
        var rows = new List<Job>();
        foreach (var job in jobs.All)
            rows.Add(Row(job, await schedule.Of(job, ct), last.GetValueOrDefault(job.Name)));
        return TypedResults.Ok(rows);
    }

    public static async Task<Job> Show(IMaintenanceJob job, JobSchedule schedule, NpgsqlDataSource database, CancellationToken ct) =>
        Row(job, await schedule.Of(job, ct), await JobRunTable.Of(database, job.Name, before: null, limit: 1, ct) is [var last] ? last : null);

    /// <summary>Throws where there is no job of that name.</summary>
    public static IMaintenanceJob Named(this JobList jobs, string name) =>
        jobs.Find(name, out var job) ? job : throw new RefusedException("job-missing", $"There is no job \"{name}\".", StatusCodes.Status404NotFound);

    private static Job Row(IMaintenanceJob job, JobSchedule.Place place, JobRun? last) =>
        new(job.Name, job.Description, job.Schedule, job.Scoped, place.Paused, last is { State: JobState.Running }, place.NextAt, last);
}
