using Microsoft.Extensions.Logging;
using Quartz;

namespace Causality.Sink.Jobs;

/// <summary>A time of the schedule has come. It begins the run and does not wait for it: the run outlives this host's place in Quartz's cluster, not its own lock.</summary>
internal sealed class JobTick(JobList jobs, JobRuns runs, JobSchedule schedule, ILogger<JobTick> log) : IJob
{
    private static readonly TimeSpan WhileBusy = TimeSpan.FromSeconds(5);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var name = context.JobDetail.Key.Name;
        var attempt = JobSchedule.Attempt(context);
        if (!jobs.Find(name, out var job))
            log.JobUnknown(name);   // of a version that is older or newer than this one
        else if (await runs.TryStart(job, new JobOrder(), new JobCause(JobTrigger.Schedule, Attempt: attempt ?? 1), cancellationToken) is null)
        {
            log.TickLeftOut(name);
            if (attempt is { } again)   // what runs at the moment may be an admin's order, and less
                await schedule.BeginAgain(name, Guid.CreateVersion7(), again, WhileBusy, cancellationToken);
        }
    }
}
