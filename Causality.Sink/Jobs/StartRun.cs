using Causality.Contracts;
using Causality.Http;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Sink.Jobs;

/// <summary>
/// POST /api/v1/operations/jobs/{job}/run: an administrator has a job run now, on this host, also while it is paused. A job runs once at a time: while it does, the answer is
/// 409 and names the run.
/// </summary>
internal static class StartRun
{
    /// <param name="AppId">Left out for all apps.</param>
    /// <param name="From">Event times from here on, up to before <paramref name="To"/>.</param>
    /// <param name="DryRun">Change nothing, and tell what would be done.</param>
    public sealed record Request(string? AppId = null, DateTimeOffset? From = null, DateTimeOffset? To = null, bool DryRun = false);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks()
        {
            RuleFor(r => r.AppId).Must(id => AppId.IsValid(id)).When(r => r.AppId is not null).WithMessage("must be the id of an app: letters, digits, '.', '_' and '-'");
            RuleFor(r => r.To).GreaterThan(r => r.From).When(r => r.From is not null && r.To is not null).WithMessage("must be later than from");
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/jobs/{job}/run", Handle).WithName("run-job").WithChecks<Request, Checks>().RequireAdministrator()
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    internal static async Task<Accepted<JobRun>> Handle(string job, Request request, Actor actor, HttpContext context, JobList jobs, JobRuns runs, IAuditTrail audit, NpgsqlDataSource database, CancellationToken ct)
    {
        var (found, order) = (jobs.Named(job), new JobOrder(request.AppId, request.From, request.To, request.DryRun));
        if (!found.Scoped && order is not { AppId: null, From: null, To: null })
            throw new RefusedException("order-unfit", $"The job \"{job}\" is not divided by app or time: run it without app_id, from and to.", StatusCodes.Status400BadRequest);
        if (await runs.TryStart(found, order, new JobCause(JobTrigger.Admin, actor.Email), ct) is not { } run)
            throw await Refuse(job, database, ct);
        try
        {
            await audit.Record(actor.OnJob("job-run-started", job, new AuditChange("run", null, run.Id.ToString()), new AuditChange("app_id", null, request.AppId),
                new AuditChange("from", null, $"{request.From:O}"), new AuditChange("to", null, $"{request.To:O}"), new AuditChange("dry_run", null, request.DryRun ? "true" : "false")), CancellationToken.None);
        }
        catch
        {
            runs.Cancel(run.Id);   // what cannot be told of is not done
            throw;
        }
        return TypedResults.Accepted($"{context.Request.PathBase}/api/v1/operations/jobs/{job}/runs", run);
    }

    private static async Task<RefusedException> Refuse(string job, NpgsqlDataSource database, CancellationToken ct) =>
        await JobRunTable.Of(database, job, before: null, limit: 1, ct) is [{ State: JobState.Running } run]
            ? new RefusedException("job-running", $"The job runs already, on {run.Host} since {run.StartedAt:u}. Wait for that run, or cancel it.") { Details = { ["run_id"] = run.Id } }
            : new RefusedException("job-busy", "The job has just ended, or this host is stopping. Try again.", StatusCodes.Status503ServiceUnavailable);
}

internal static class JobAudit
{
    /// <summary>What an administrator did to a job, for the audit log of the installation.</summary>
    public static AuditEntry OnJob(this Actor actor, string action, string job, params AuditChange[] changes) =>
        new(action, $"job/{job}", null, actor.UserId.ToString(), actor.Email, actor.Address, actor.RequestId, [.. changes.Where(change => change.New is { Length: > 0 })]);
}
