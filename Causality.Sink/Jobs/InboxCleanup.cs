using Causality.Contracts;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Causality.Sink.Jobs;

/// <summary>Forgets the messages that came longer ago than any can come again.</summary>
internal sealed class InboxCleanup(NpgsqlDataSource database, IOptions<SinkOptions> options, TimeProvider clock) : IMaintenanceJob
{
    private const int Portion = 20_000;   // rows of one statement: the sink's own transactions must not wait for long

    public string Name => "inbox-cleanup";

    public string Description => $"Forgets the ids of messages that were stored more than {options.Value.InboxRetention.TotalDays:0.#} days ago.";

    public string Schedule => "0 23 * * * ?";

    public bool Scoped => false;

    public async Task<JobOutcome> Run(JobOrder order, CancellationToken ct)
    {
        if (order is not { AppId: null, From: null, To: null })
            throw new RefusedException("order-unfit", "The inbox is not divided by app or time: run the clean-up without them.");
        var until = clock.GetUtcNow() - options.Value.InboxRetention;
        long rows = 0;
        if (order.DryRun)
            rows = await Run("select count(*) from sink_inbox where at < $1", until, ct);
        else
            while (await Run($"with gone as (delete from sink_inbox where ctid = any (array(select ctid from sink_inbox where at < $1 limit {Portion})) returning 1) select count(*) from gone", until, ct) is > 0 and var portion)
                rows += portion;
        return new JobOutcome(rows == 0 ? "Nothing to forget." : $"{(order.DryRun ? "Would forget" : "Forgot")} {Counted.Of(rows, "message")}.", new Dictionary<string, long> { ["rows"] = rows });
    }

    private async Task<long> Run(string sql, DateTimeOffset until, CancellationToken ct)
    {
#pragma warning disable CA2100 // one of the two above
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        command.CommandTimeout = 0;
        command.Parameters.AddWithValue(until);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }
}
