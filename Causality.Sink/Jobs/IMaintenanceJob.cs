namespace Causality.Sink.Jobs;

/// <summary>Work on the lake that runs by itself on a schedule, on one host at a time, and when an admin asks for it.</summary>
internal interface IMaintenanceJob
{
    /// <summary>How routes, tables and the Operations page call it, such as <c>compaction</c>.</summary>
    string Name { get; }

    /// <summary>What it does, in one sentence for admins.</summary>
    string Description { get; }

    /// <summary>When it runs by itself: a Quartz cron expression, in UTC.</summary>
    string Schedule { get; }

    /// <summary>Whether it can be told to work on one app, or a range of time, alone.</summary>
    bool Scoped => true;

    /// <summary>Does the work. May be killed at any point and run again.</summary>
    Task<JobOutcome> Run(JobOrder order, CancellationToken ct);
}

/// <summary>What to work on: everything, or one app, or event times in [from, to). A dry run changes nothing and tells what it would do.</summary>
internal sealed record JobOrder(string? AppId = null, DateTimeOffset? From = null, DateTimeOffset? To = null, bool DryRun = false);

/// <summary>What was done: a sentence for the history, and its figures, such as <c>files</c>, <c>rows</c>, <c>bytes</c>.</summary>
internal sealed record JobOutcome(string Summary, IReadOnlyDictionary<string, long> Figures);
