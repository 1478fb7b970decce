using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Causality.Http.Hosts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Causality.Sink.Jobs;

/// <summary>
/// The runs on this host: begins them under the job's lock, watches for a wish to cancel them, and keeps how they ended. When the host stops they are cancelled, and begun
/// again by another one where the schedule had asked for them.
/// </summary>
internal sealed class JobRuns(NpgsqlDataSource database, JobSchedule schedule, LostRuns lost, HostName host, IOptions<JobsOptions> options, TimeProvider clock, ILogger<JobRuns> log) : IHostedService, IDisposable
{
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Guid, (CancellationTokenSource Cancel, Task Done)> _here = [];
    private readonly CancellationTokenSource _stopping = new();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Begins a run and answers it; null where the job runs already, here or elsewhere, or this host is stopping.</summary>
    public async Task<JobRun?> TryStart(IMaintenanceJob job, JobOrder order, JobCause cause, CancellationToken ct)
    {
        if (_stopping.IsCancellationRequested || await RunLock.TryTake(database, job.Name, ct) is not { } held)
            return null;
        try
        {
            await lost.Mark(ct);
            var run = await JobRunTable.Begin(held, job.Name, order, cause, host.ToString(), ct);
            var cancel = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _here[run.Id] = (cancel, Follow(job, order, run, cause, held, cancel, begin.Task));
            begin.SetResult();
            return run;
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    /// <summary>Cancels a run that is on this host at once; one elsewhere is found out by its own host within a second.</summary>
    public void Cancel(Guid run)
    {
        if (_here.TryGetValue(run, out var here))
            here.Cancel.Cancel();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await schedule.Leave(cancellationToken);
        await _stopping.CancelAsync();
        var running = Task.WhenAll(_here.Values.Select(run => run.Done));
        try
        {
            await running.WaitAsync(options.Value.StopDeadline, clock, cancellationToken);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            log.RunsLeftBehind(_here.Count);
        }
    }

    public void Dispose() => _stopping.Dispose();

    [SuppressMessage("Design", "CA1031", Justification = "whatever a job throws is kept in its history")]
    private async Task Follow(IMaintenanceJob job, JobOrder order, JobRun run, JobCause cause, RunLock held, CancellationTokenSource cancel, Task begun)
    {
        await begun;
        try
        {
            var (state, canceller) = await RunUnderLock(job, order, run, held, cancel);
            // after the lock is free: the next attempt may come at once
            await BeginAgain(run, cause, state, canceller);
        }
        catch (Exception cutOff)
        {
            // the row stays as it is, and whichever host sees first that the lock is gone marks it lost
            log.RunCutOff(cutOff, run.Job, run.Id);
        }
        finally
        {
            _here.TryRemove(run.Id, out _);
            cancel.Dispose();
        }
    }

    private async Task<(JobState State, string? Canceller)> RunUnderLock(IMaintenanceJob job, JobOrder order, JobRun run, RunLock held, CancellationTokenSource cancel)
    {
        await using var release = held;
        var work = Task.Run(() => job.Run(order, cancel.Token), CancellationToken.None);
        var canceller = await Watch(run, held, work, cancel);
        var (state, outcome, error) = await Outcome(run, work, canceller, cancel.Token);
        await JobRunTable.End(held, run, state, outcome, error, options.Value, CancellationToken.None);
        return (state, canceller);
    }

    [SuppressMessage("Design", "CA1031", Justification = "whatever a job throws is kept in its history")]
    private async Task<(JobState State, JobOutcome? Outcome, string? Error)> Outcome(JobRun run, Task<JobOutcome> work, string? canceller, CancellationToken cancelled)
    {
        try
        {
            var outcome = await work;
            log.RunSucceeded(run.Job, run.Id, outcome.Summary);
            return (JobState.Succeeded, outcome, null);
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            var why = canceller is null ? "The host was stopped." : $"Cancelled by {canceller}.";
            log.RunCancelled(run.Job, run.Id, why);
            return (JobState.Cancelled, null, why);
        }
        catch (Exception failure)
        {
            log.RunFailed(failure, run.Job, run.Id);
            return (JobState.Failed, null, failure.Message);
        }
    }

    /// <summary>Until the work is over. Answers who cancelled it. Throws where the lock's session has ended, after the work was told to stop and has.</summary>
    private async Task<string?> Watch(JobRun run, RunLock held, Task work, CancellationTokenSource cancel)
    {
        string? canceller = null;
        while (await Task.WhenAny(work, Task.Delay(Pulse, clock)) != work)
            try
            {
                if (await JobRunTable.Beat(held, run.Id, CancellationToken.None) is { } by)
                {
                    canceller = by;
                    await cancel.CancelAsync();
                }
            }
            catch (Exception gone) when (gone is NpgsqlException or InvalidOperationException)
            {
                await cancel.CancelAsync();
                await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
        return canceller ?? (work.IsCompletedSuccessfully || _stopping.IsCancellationRequested ? null : await JobRunTable.Beat(held, run.Id, CancellationToken.None));
    }

    private async Task BeginAgain(JobRun run, JobCause cause, JobState state, string? canceller)
    {
        if (cause.Trigger != JobTrigger.Schedule)
            return;
        if (state == JobState.Failed && cause.Attempt < options.Value.Attempts)
            await schedule.BeginAgain(run.Job, run.Id, cause.Attempt + 1, options.Value.RetryDelay * Math.Pow(2, cause.Attempt - 1), CancellationToken.None);
        else if (state == JobState.Cancelled && canceller is null)
            await schedule.BeginAgain(run.Job, run.Id, cause.Attempt, TimeSpan.Zero, CancellationToken.None);
    }
}
