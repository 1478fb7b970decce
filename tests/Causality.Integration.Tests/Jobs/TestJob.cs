using Causality.Sink.Jobs;

namespace Causality.Integration.Tests.Jobs;

/// <summary>A job of a test: never due by itself, unless it is told when.</summary>
internal sealed class TestJob(string name, Func<JobOrder, CancellationToken, Task<JobOutcome>> work, string schedule = TestJob.Never) : IMaintenanceJob
{
    public const string Never = "0 0 0 1 1 ? 2099";

    public string Name => name;

    public string Description => "A job of a test.";

    public string Schedule => schedule;

    public Task<JobOutcome> Run(JobOrder order, CancellationToken ct) => work(order, ct);

    public static JobOutcome Done(string summary = "Done.") => new(summary, new Dictionary<string, long>());

    /// <summary>Runs until it is cancelled.</summary>
    public static async Task<JobOutcome> Forever(JobOrder order, CancellationToken ct)
    {
        await Task.Delay(Timeout.Infinite, ct);
        return Done();
    }
}
