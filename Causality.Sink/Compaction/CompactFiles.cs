using Causality.Lake.Compaction;
using Causality.Sink.Jobs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Sink.Compaction;

/// <summary>Merges what flushes left in small files, one partition after another, and removes keys that were stored twice within one.</summary>
internal sealed class CompactFiles(NpgsqlDataSource database, PartitionMerge merge, IOptions<SinkOptions> options, SinkMetrics metrics, TimeProvider clock, ILogger<CompactFiles> log) : IMaintenanceJob
{
    /// <summary>An hour counts as over when this has passed since: most events come at once.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(4);

    private sealed record Hour(string AppId, int Number);

    public string Name => "compaction";

    public string Description => "Merges small files of an hour into large ones, sorted by event type and time, with columns for the properties asked most; removes duplicates that came after the key window.";

    public string Schedule => "0 5 * * * ?";

    public async Task<JobOutcome> Run(JobOrder order, CancellationToken ct)
    {
        var complete = (int)((clock.GetUtcNow() - Late).ToUnixTimeSeconds() / 3600);
        var (done, partitions, failures) = (new Merged(0, 0, 0, 0, 0), 0, new List<Exception>());
        var written = 0;
        foreach (var hour in await Hours(order, complete, ct))
            try
            {
                partitions++;
                while (await One(hour, complete, order, ct) is { } merged)
                {
                    done = new Merged(done.Files + merged.Files, done.Rows + merged.Rows, done.Removed + merged.Removed, done.BytesBefore + merged.BytesBefore, done.BytesAfter + merged.BytesAfter);
                    written++;
                    if (order.DryRun)
                        break;
                }
            }
            catch (Exception failure) when (!ct.IsCancellationRequested)
            {
                log.NotCompacted(failure, hour.AppId, hour.Number);
                failures.Add(failure);
            }
        var outcome = new JobOutcome(Summary(done, written, order.DryRun),
            new Dictionary<string, long> { ["partitions"] = partitions, ["files"] = done.Files, ["files_written"] = written, ["rows"] = done.Rows, ["duplicates"] = done.Removed, ["bytes_before"] = done.BytesBefore, ["bytes_after"] = done.BytesAfter });
        return failures.Count == 0 ? outcome : throw new InvalidOperationException($"{failures.Count} of {Counted.Of(partitions, "hour")} could not be compacted, the first since: {failures[0].Message} {outcome.Summary}", failures[0]);
    }

    /// <param name="written">Files; of a dry run hours.</param>
    internal static string Summary(Merged done, int written, bool dryRun)
    {
        var (files, rows) = (Counted.Of(done.Files, "file"), Counted.Of(done.Rows, "row"));
        if (done.Files == 0)
            return "Nothing to merge.";
        if (dryRun)
            return $"Would merge {files} of {Counted.Of(written, "hour")}, with {rows}.";
        var merged = done.Files == written ? $"Wrote {files} anew" : $"Merged {files} into {written}";   // anew: with the columns that it lacked
        return $"{merged}, with {rows}{(done.Removed == 0 ? "" : $", and removed {Counted.Of(done.Removed, "duplicate")}")}.";
    }

    private async Task<Merged?> One(Hour hour, int complete, JobOrder order, CancellationToken ct)
    {
        var files = (await merge.Files(hour.AppId, hour.Number, ct)).Where(f => order.DryRun || f.Name == f.File.Path).ToList();
        var hot = await merge.Hot(hour.AppId, ct);
        var chosen = merge.Choose(files, hot, hour.Number < complete, asked: order.AppId is not null);
        if (chosen.Count == 0)
            return null;
        if (order.DryRun)
            return new Merged(chosen.Count, chosen.Sum(f => f.File.Rows), 0, chosen.Sum(f => f.File.Bytes), 0);
        var merged = await merge.Run(hour.AppId, files, chosen, hot, (transaction, removed, commit) => BookMoves.Duplicates(transaction, hour.AppId, removed, commit), ct);
        if (merged is not null)
            metrics.Compacted(merged.Files, merged.Rows, merged.Removed);
        return merged;
    }

    /// <summary>Hours with more than one small file, or any where an app was named: what is over first.</summary>
    private async Task<List<Hour>> Hours(JobOrder order, int complete, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            """
            select app_id, hour from lake_files
            where retired_snapshot is null and added_snapshot is not null and bytes < $1 and ($2 is null or app_id = $2) and hour >= $3 and hour < $4
            group by app_id, hour having count(*) > 1 or $2 is not null
            order by hour >= $5, app_id, hour
            """);
        select.Parameters.AddWithValue(options.Value.Compaction.TargetBytes / 2);
        select.Parameters.Add(new NpgsqlParameter { Value = (object?)order.AppId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        select.Parameters.AddWithValue(HourOf(order.From, 0));
        select.Parameters.AddWithValue(HourOf(order.To?.AddHours(1).AddTicks(-1), int.MaxValue));
        select.Parameters.AddWithValue(complete);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var hours = new List<Hour>();
        while (await reader.ReadAsync(ct))
            hours.Add(new Hour(reader.GetString(0), reader.GetInt32(1)));
        return hours;
    }

    private static int HourOf(DateTimeOffset? moment, int otherwise) => moment is { } at ? (int)Math.Clamp(at.ToUnixTimeSeconds() / 3600, 0, int.MaxValue) : otherwise;
}
