using Causality.Lake.Compaction;
using Causality.Lake.Files;
using Causality.Lake.Ledger;
using Causality.Sink.Compaction;
using Causality.Sink.Jobs;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Sink.Retention;

/// <summary>
/// Retires the files of hours that are older, by event time, than their app keeps events. A file holds one hour, so it goes whole: an
/// event is kept until its hour is over by the app's days, so up to an hour longer.
/// </summary>
internal sealed class ExpireEvents(NpgsqlDataSource database, LiveFiles live, IObjectStore store, Swaps swaps, IOptions<SinkOptions> options, TimeProvider clock) : IMaintenanceJob
{
    private const int FilesOfSwap = 200;

    public string Name => "retention";

    public string Description => "Removes events that are older than their app keeps them; apps without a number of days keep everything.";

    public string Schedule => "0 30 3 * * ?";

    public async Task<JobOutcome> Run(JobOrder order, CancellationToken ct)
    {
        var (files, rows, bytes, apps) = (0L, 0L, 0L, 0L);
        foreach (var (app, days) in await Apps(order.AppId, ct))
        {
            var bound = HourOf(clock.GetUtcNow().AddDays(-days));
            var (from, to) = (order.From is { } start ? HourOf(start.AddHours(1).AddTicks(-1)) : 0, order.To is { } end ? Math.Min(HourOf(end), bound) : bound);
            var before = files;
            foreach (var some in (await live.Of(app, from, to, ct)).Chunk(FilesOfSwap))
                if (order.DryRun || await Retire(app, some, ct))   // else compaction was faster, and the next run takes what it made
                    (files, rows, bytes) = (files + some.Length, rows + some.Sum(f => f.File.Rows), bytes + some.Sum(f => f.File.Bytes));
            apps += files > before ? 1 : 0;
        }
        return new JobOutcome(Summary(rows, files, apps, order.DryRun),
            new Dictionary<string, long> { ["apps"] = apps, ["files"] = files, ["rows"] = rows, ["bytes"] = bytes });
    }

    internal static string Summary(long rows, long files, long apps, bool dryRun) => files == 0 ? "Nothing is older than its app keeps it."
        : $"{(dryRun ? "Would remove" : "Removed")} {Counted.Of(rows, "event")} in {Counted.Of(files, "file")} of {Counted.Of(apps, "app")}.";

    private Task<bool> Retire(string app, LiveFile[] files, CancellationToken ct) =>
        swaps.Run(new SwapInputs(app, [.. files.Select(f => f.File.Path)], []), async (_, folder, stop) =>
        {
            using var readable = await store.Open([.. files.Select(f => f.Name)], stop);
            var expired = await Task.Run(() =>
            {
                using var merger = new FileMerger(options.Value.Compaction.Memory, Path.Combine(folder, "spill"));
                return merger.ReceivedHours(readable.Names, stop);
            }, stop);
            return new SwapOutput([], (transaction, commit) => BookMoves.Expired(transaction, app, expired, commit));
        }, ct);

    private async Task<List<(string App, int Days)>> Apps(string? only, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select id, retention_days from apps where retention_days is not null and ($1 is null or id = $1) order by id");
        select.Parameters.Add(new NpgsqlParameter { Value = (object?)only ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await using var reader = await select.ExecuteReaderAsync(ct);
        var apps = new List<(string, int)>();
        while (await reader.ReadAsync(ct))
            apps.Add((reader.GetString(0), reader.GetInt32(1)));
        return apps;
    }

    private static int HourOf(DateTimeOffset moment) => (int)Math.Clamp(moment.ToUnixTimeSeconds() / 3600, 0, int.MaxValue);
}
