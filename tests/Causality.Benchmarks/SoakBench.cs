using Causality.Benchmarks.Calibrators;
using Causality.Benchmarks.Load;
using Causality.Benchmarks.Product;
using Npgsql;

namespace Causality.Benchmarks;

/// <summary>
/// <c>bench soak [--rate N]</c>: ten minutes (one when quick) of a steady load, which does not wait for answers: does the backlog stay flat, is everything stored and accounted for, how fresh
/// is it, does memory grow, what does an event cost in processor time and on disk.
/// </summary>
/// <param name="rate">Events per second; null for half of what is accepted when every connection sends as fast as it is answered.</param>
internal sealed class SoakBench(BenchSettings settings, Figures figures, double? rate)
{
    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(5);

    // whoever waits for an event asks for trends over all that was sent, tens of millions of events at the end: asked more often, the question is the load
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private TimeSpan Length => settings.Quick ? TimeSpan.FromMinutes(1) : TimeSpan.FromMinutes(10);

    public async Task Run(CancellationToken ct)
    {
        await using var host = await ProductHost.Create(settings, ct);
        var api = await host.SignIn(ct);
        Request Batch() => AcceptBench.Batch(host);
        var load = new LoadGenerator(host.Port, Batch);

        figures.Step("Calibrators");
        var bare = await Calibration.Measure(host, Batch, AcceptBench.BatchEvents, AcceptBench.BatchConnections, settings, figures, ct);
        figures.Step("Accept");
        await load.Closed(AcceptBench.BatchConnections, settings.WarmHost, ct);
        var accepted = await load.Closed(AcceptBench.BatchConnections, settings.Measure, ct);
        figures.AtLeast("durable accept, 50-event batches, sink beside it", accepted.EventsPerSecond, "events/s", bare.Accept, null);
        await api.Drained(ct);

        var steady = rate ?? accepted.EventsPerSecond / 2;
        figures.Step($"A steady load for {Length.TotalMinutes:0} min");
        var before = await api.Ledger(ct);
        await Soak(host, api, load, steady, bare.Queryable, ct);
        await api.Drained(ct);
        await Accounted(api, before, ct);
        await Weigh(host, api, AcceptBench.EventBytes, ct);
    }

    private async Task Soak(ProductHost host, ProductApi api, LoadGenerator load, double steady, double calibrator, CancellationToken ct)
    {
        var backlog = new Backlog();
        var every = settings.Quick ? TimeSpan.FromSeconds(3) : TimeSpan.FromSeconds(10);
        IReadOnlyList<double> freshness = [];
        var sent = await new ToQueryable(settings, figures, host, api).Measure(async () =>
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var watch = backlog.Watch(host, api, Length / 10, figures, over.Token);
            var probes = new FreshnessProbes(host, api).Run((int)(Length / every) - 2, every, Pause, ct);
            var result = await load.Open(AcceptBench.BatchConnections, steady / AcceptBench.BatchEvents, Length, ct);
            await over.CancelAsync();
            await watch;
            freshness = await probes;
            return result;
        }, calibrator, 0.45, ct);
        figures.AtLeast("rate accepted", sent.EventsPerSecond, "events/s", 0.99 * steady);
        figures.Add(new Figure("rate accepted, p99 of the answers", sent.Percentile(0.99), "ms"));
        figures.AtMost("requests refused", sent.Refused, "requests", 0);
        backlog.Tell(steady, FlushInterval, figures);
        FreshnessProbes.Tell(freshness, figures);
        backlog.TellMemory(host.Process.Memory("VmHWM"), figures);
    }

    private async Task Accounted(ProductApi api, Books before, CancellationToken ct)
    {
        var after = await api.Ledger(ct);
        figures.AtMost("events accepted and not stored", after.Accepted - before.Accepted - (after.Stored - before.Stored), "events", 0);
        figures.AtMost("events that the books do not account for", Math.Abs(after.Accepted - after.Stored - after.Duplicates - after.Dead - after.InFlight), "events", 0);
    }

    // after a compaction, as it would be an hour later
    private async Task Weigh(ProductHost host, ProductApi api, double json, CancellationToken ct)
    {
        var (files, _, _) = await Live(host, ct);
        await api.Compact(ct);
        var (merged, rows, bytes) = await Live(host, ct);
        figures.Add(new Figure("files before compaction", files, "files"));
        figures.Add(new Figure("files after compaction", merged, "files"));
        figures.Add(new Figure("stored bytes per event", (double)bytes / rows, "bytes", json, bytes / (rows * json), "<= 0.2 x", bytes <= 0.2 * rows * json));
    }

    private static async Task<(long Files, long Rows, long Bytes)> Live(ProductHost host, CancellationToken ct)
    {
        await using var database = NpgsqlDataSource.Create(host.Database);
        await using var select = database.CreateCommand("select count(*), sum(rows)::bigint, sum(bytes)::bigint from lake_files where added_snapshot is not null and retired_snapshot is null");
        await using var reader = await select.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }
}
