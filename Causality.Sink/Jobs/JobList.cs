using System.Diagnostics.CodeAnalysis;
using Quartz;

namespace Causality.Sink.Jobs;

/// <summary>The jobs of this program, by name.</summary>
internal sealed class JobList
{
    private readonly Dictionary<string, IMaintenanceJob> _jobs;

    public JobList(IEnumerable<IMaintenanceJob> jobs)
    {
        All = [.. jobs.OrderBy(job => job.Name, StringComparer.Ordinal)];
        if (All.GroupBy(job => job.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new InvalidOperationException($"Two jobs are called {twice.Key}.");
        if (All.FirstOrDefault(job => !CronExpression.TryParse(job.Schedule, out _)) is { } wrong)
            throw new InvalidOperationException($"The schedule of the job {wrong.Name}, '{wrong.Schedule}', is no cron expression of Quartz: second minute hour day month weekday, such as '0 17 * * * ?'.");
        _jobs = All.ToDictionary(job => job.Name, StringComparer.Ordinal);
    }

    public IReadOnlyList<IMaintenanceJob> All { get; }

    public bool Find(string name, [NotNullWhen(true)] out IMaintenanceJob? job) => _jobs.TryGetValue(name, out job);
}
