using System.Globalization;
using Microsoft.Extensions.Hosting;
using Quartz;

namespace Causality.Sink.Jobs;

/// <summary>
/// When jobs run by themselves: Quartz's triggers in PostgreSQL, which all hosts share. A time that passed while no host was there is made up for once; a time that comes
/// while the job still runs is left out, since that run does its work.
/// </summary>
internal sealed class JobSchedule(ISchedulerFactory quartz, JobList jobs, TimeProvider clock) : IHostedService
{
    private const string Regular = "schedule", Again = "again", AttemptKey = "attempt";

    /// <summary>When it runs next, and whether it is paused.</summary>
    public readonly record struct Place(DateTimeOffset? NextAt, bool Paused);

    /// <summary>Brings the stored schedule to what this program says. A job that is paused stays so.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var scheduler = await quartz.GetScheduler(cancellationToken);
        foreach (var job in jobs.All)
        {
            // recovery: a host that died between the tick and the beginning of the run; the run itself is watched by its lock
            await scheduler.AddJob(JobBuilder.Create<JobTick>().WithIdentity(job.Name).WithDescription(job.Description).StoreDurably().RequestRecovery().Build(), AddJobOptions.Replacing, cancellationToken);
            var key = new TriggerKey(job.Name, Regular);
            if (await scheduler.GetTrigger(key, cancellationToken) is ICronTrigger { } stored && stored.CronExpressionString == job.Schedule)
                continue;
            var paused = await scheduler.GetTriggerState(key, cancellationToken) == TriggerState.Paused;
            await scheduler.ScheduleJob(TriggerBuilder.Create().WithIdentity(key).ForJob(job.Name)
                .WithCronSchedule(job.Schedule, cron => cron.InTimeZone(TimeZoneInfo.Utc).WithMisfireInstruction(CronTriggerMisfireInstruction.FireAndProceed)).Build(),
                new ScheduleJobOptions { Replace = true, Paused = paused }, cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<Place> Of(IMaintenanceJob job, CancellationToken ct)
    {
        var scheduler = await quartz.GetScheduler(ct);
        var key = new TriggerKey(job.Name, Regular);
        var trigger = await scheduler.GetTrigger(key, ct);
        var paused = await scheduler.GetTriggerState(key, ct) == TriggerState.Paused;
        return new Place(paused ? null : trigger?.NextFireTimeUtc, paused);
    }

    /// <summary>Until <see cref="Resume"/>, it runs only when somebody asks for it; nor are failed runs begun again.</summary>
    public async Task Pause(IMaintenanceJob job, CancellationToken ct) => await (await quartz.GetScheduler(ct)).PauseJob(new JobKey(job.Name), ct);

    /// <summary>Runs at once where a time has passed meanwhile, and then by its schedule.</summary>
    public async Task Resume(IMaintenanceJob job, CancellationToken ct) => await (await quartz.GetScheduler(ct)).ResumeJob(new JobKey(job.Name), ct);

    /// <summary>Begins again what <paramref name="run"/> did not bring to its end, on whichever host is free. Asking twice for one run changes nothing.</summary>
    public async Task BeginAgain(string job, Guid run, int attempt, TimeSpan delay, CancellationToken ct) =>
        await (await quartz.GetScheduler(ct)).ScheduleJob(TriggerBuilder.Create().WithIdentity(run.ToString(), Again).ForJob(job).StartAt(clock.GetUtcNow() + delay)
            .UsingJobData(AttemptKey, attempt.ToString(CultureInfo.InvariantCulture)).Build(), ScheduleJobOptions.Replacing, ct);

    /// <summary>Which attempt a tick asks for, where it was <see cref="BeginAgain"/> that asked; null where it was the regular schedule.</summary>
    public static int? Attempt(IJobExecutionContext tick) =>
        int.TryParse(tick.MergedJobDataMap.TryGetValue(AttemptKey, out var attempt) ? attempt as string : null, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>No more ticks for this host.</summary>
    public async Task Leave(CancellationToken ct) => await (await quartz.GetScheduler(ct)).Standby(ct);
}
