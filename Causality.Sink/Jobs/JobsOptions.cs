using System.ComponentModel.DataAnnotations;

namespace Causality.Sink.Jobs;

/// <summary>Settings of maintenance jobs, <c>CAUSALITY_JOBS__…</c>. When each of them runs is the job's own setting.</summary>
public sealed class JobsOptions
{
    /// <summary>How often a scheduled run that failed, or whose host died, is begun in all. The next time of the schedule begins anew.</summary>
    [Range(1, 20)]
    public int Attempts { get; set; } = 4;

    /// <summary>The pause after the first failure; each further one doubles it. A run whose host died begins again at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a run stays in the history.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan History { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Runs of one job that stay in the history.</summary>
    [Range(1, 1_000_000)]
    public int HistoryRuns { get; set; } = 1000;

    /// <summary>How long SIGTERM waits for running jobs to stop; what takes longer is begun again by another host.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan StopDeadline { get; set; } = TimeSpan.FromSeconds(10);
}
