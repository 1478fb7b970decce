using Causality.Lake.Compaction;
using Causality.Lake.Files;
using Causality.Lake.Ledger;
using Causality.Sink.Jobs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Sink.Retention;

/// <summary>
/// Compares what the ledger says with what is there: that each live file can be opened and holds as many rows as it should, and that the
/// live rows of an app are what its books stored less what was erased and expired. Changes nothing.
/// </summary>
internal sealed class CheckLedger(NpgsqlDataSource database, LiveFiles live, IObjectStore store, IOptions<SinkOptions> options, SinkMetrics metrics, ILogger<CheckLedger> log) : IMaintenanceJob
{
    private const int Told = 10;

    public string Name => "ledger-check";

    public string Description => "Compares the ledger with the files of the lake and with the books; says what differs, and changes nothing.";

    public string Schedule => "0 45 4 * * ?";

    public async Task<JobOutcome> Run(JobOrder order, CancellationToken ct)
    {
        var (files, rows, differences) = (0L, 0L, new List<string>());
        using var merger = new FileMerger(options.Value.Compaction.Memory);
        var apps = await Books(order.AppId, ct);
        foreach (var (app, booked, listed) in apps)
        {
            if (booked != listed)
                differences.Add($"The books of {app} have {booked} events in the lake, the ledger {listed}.");
            foreach (var file in await live.Of(app, 0, int.MaxValue, ct))
            {
                (files, rows) = (files + 1, rows + file.File.Rows);
                var found = await RowsOf(merger, file, ct);
                if (found != file.File.Rows && await IsLive(file, ct))   // else a swap has retired it meanwhile
                    differences.Add(found is null ? $"{file.Name} cannot be read; the ledger says that it holds {file.File.Rows} rows." : $"{file.Name} holds {found} rows, the ledger says {file.File.Rows}.");
            }
        }
        foreach (var difference in differences)
            log.LedgerDiffers(difference);
        if (order.AppId is null)
            metrics.LedgerDifferences = differences.Count;
        return new JobOutcome(Summary(files, rows, apps.Count, differences),
            new Dictionary<string, long> { ["apps"] = apps.Count, ["files"] = files, ["rows"] = rows, ["differences"] = differences.Count });
    }

    internal static string Summary(long files, long rows, int apps, IReadOnlyCollection<string> differences) => (files, differences.Count) switch
    {
        (0, 0) => "The lake is empty, as ledger and books say.",
        (_, 0) => $"{Counted.Of(files, "file")} with {Counted.Of(rows, "row")} of {Counted.Of(apps, "app")}: all as ledger and books say.",
        _ => $"{Counted.Of(differences.Count, "difference")}: {string.Join(' ', differences.Take(Told))}{(differences.Count > Told ? " The log has them all." : "")}",
    };

    private async Task<long?> RowsOf(FileMerger merger, LiveFile file, CancellationToken ct)
    {
        try
        {
            using var readable = await store.Open([file.Name], ct);
            return await Task.Run(() => merger.RowsOf(readable.Names[0], ct), ct);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Both sums in one statement, so of one moment: a flush commits its files and its books together.</summary>
    private async Task<List<(string App, long Booked, long Listed)>> Books(string? app, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            """
            select app_id, coalesce(b.events, 0)::bigint, coalesce(f.events, 0)::bigint
            from (select app_id, sum(stored - erased - expired) as events from pipeline_outcomes group by app_id) b
            full join (select app_id, sum(rows) as events from lake_files where retired_snapshot is null and added_snapshot is not null group by app_id) f using (app_id)
            where $1 is null or app_id = $1 order by app_id
            """);
        select.Parameters.Add(new NpgsqlParameter { Value = (object?)app ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await using var reader = await select.ExecuteReaderAsync(ct);
        var sums = new List<(string, long, long)>();
        while (await reader.ReadAsync(ct))
            sums.Add((reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2)));
        return sums;
    }

    private async Task<bool> IsLive(LiveFile file, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select exists (select from lake_files where path = $1 and retired_snapshot is null)");
        select.Parameters.AddWithValue(file.File.Path);
        return (bool)(await select.ExecuteScalarAsync(ct))!;
    }
}
