namespace Causality.Sink.Jobs;

/// <summary>Why a job runs.</summary>
internal enum JobTrigger { Schedule, Admin }

/// <summary>How a run stands, or ended.</summary>
internal enum JobState
{
    Running,
    Succeeded,
    Failed,

    /// <summary>An admin, or the end of its host, stopped it.</summary>
    Cancelled,

    /// <summary>Its host died, or lost the database.</summary>
    Lost,
}

/// <summary>What brought a run about.</summary>
/// <param name="By">The admin's e-mail.</param>
/// <param name="Attempt">From 1: which try this is of what the schedule asked for.</param>
internal sealed record JobCause(JobTrigger Trigger, string? By = null, int Attempt = 1);

/// <summary>One run of a job, as the history keeps and shows it.</summary>
/// <param name="From">Event times of the order: from here, up to before <paramref name="To"/>.</param>
/// <param name="Host">Where it runs: machine and port.</param>
/// <param name="Figures">What the job counted, such as <c>rows</c>, <c>bytes</c>.</param>
/// <param name="Error">Why it did not succeed.</param>
internal sealed record JobRun(Guid Id, string Job, JobTrigger Trigger, bool DryRun, string Host, DateTimeOffset StartedAt, JobState State, string? By = null, string? AppId = null, DateTimeOffset? From = null,
    DateTimeOffset? To = null, DateTimeOffset? EndedAt = null, string? Summary = null, IReadOnlyDictionary<string, long>? Figures = null, string? Error = null);
