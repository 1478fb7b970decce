using Microsoft.Extensions.Logging;

namespace Causality.Sink.Jobs;

internal static partial class JobsLog
{
    [LoggerMessage(3101, LogLevel.Information, "Job {Job}, run {Run}: {Summary}")]
    public static partial void RunSucceeded(this ILogger log, string job, Guid run, string summary);

    [LoggerMessage(3102, LogLevel.Information, "Job {Job}, run {Run} was cancelled: {Reason}")]
    public static partial void RunCancelled(this ILogger log, string job, Guid run, string reason);

    [LoggerMessage(3103, LogLevel.Error, "Job {Job}, run {Run} failed")]
    public static partial void RunFailed(this ILogger log, Exception exception, string job, Guid run);

    [LoggerMessage(3104, LogLevel.Warning, "Job {Job}, run {Run} was lost: its host died, or lost the database")]
    public static partial void RunLost(this ILogger log, string job, Guid run);

    [LoggerMessage(3105, LogLevel.Warning, "How run {Run} of job {Job} ended could not be kept; it counts as lost")]
    public static partial void RunCutOff(this ILogger log, Exception exception, string job, Guid run);

    [LoggerMessage(3106, LogLevel.Information, "Job {Job} was due and still runs; this time is left out")]
    public static partial void TickLeftOut(this ILogger log, string job);

    [LoggerMessage(3107, LogLevel.Warning, "The schedule has a job {Job}, which this version does not know")]
    public static partial void JobUnknown(this ILogger log, string job);

    [LoggerMessage(3108, LogLevel.Warning, "{Runs} runs did not stop in time; another host begins them again")]
    public static partial void RunsLeftBehind(this ILogger log, int runs);

    [LoggerMessage(3109, LogLevel.Warning, "Ended the sessions of {Sessions} runs whose host has told nothing for long")]
    public static partial void SilentEnded(this ILogger log, int sessions);

    [LoggerMessage(3110, LogLevel.Warning, "Lost runs could not be looked for; tried again in {Delay}")]
    public static partial void LostNotMarked(this ILogger log, Exception exception, TimeSpan delay);
}
