using Causality.Sink.Jobs;
using Npgsql;

namespace Causality.JobsHost;

/// <summary>Is due every two seconds and runs until the test lets it go, by making the table <c>let_go</c>.</summary>
internal sealed class LongJob(NpgsqlDataSource database) : IMaintenanceJob
{
    public string Name => "long";

    public string Description => "Waits.";

    public string Schedule => "0/2 * * * * ?";

    public async Task<JobOutcome> Run(JobOrder order, CancellationToken ct)
    {
        while (true)
        {
            await using var gone = database.CreateCommand("select to_regclass('let_go') is not null");
            if (await gone.ExecuteScalarAsync(ct) is true)
                return new JobOutcome("Was let go.", new Dictionary<string, long> { ["processes"] = Environment.ProcessId });
            await Task.Delay(100, ct);
        }
    }
}
