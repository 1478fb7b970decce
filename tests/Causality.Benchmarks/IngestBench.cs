using Causality.Benchmarks.Calibrators;
using Causality.Benchmarks.Load;
using Causality.Benchmarks.Product;

namespace Causality.Benchmarks;

/// <summary>
/// <c>bench ingest</c>: how fast events are accepted durably and become queryable, how long that takes one of them, and what the host
/// weighs; each beside what Kestrel, the broker and DuckDB do with the same bytes on this machine just now.
/// </summary>
internal sealed class IngestBench(BenchSettings settings, Figures figures)
{
    public async Task Run(CancellationToken ct)
    {
        await using var host = await ProductHost.Create(settings, ct);
        await Task.Delay(TimeSpan.FromSeconds(5), ct);
        figures.Step("The host at rest");
        figures.AtMost("memory idle", host.Process.Memory("VmRSS"), "MB", 250);

        figures.Step("Calibrators");
        Request Batch() => AcceptBench.Batch(host);
        var bare = await Calibration.Measure(host, Batch, AcceptBench.BatchEvents, AcceptBench.BatchConnections, settings, figures, ct);
        await host.Stop();
        var accept = new AcceptBench(settings, figures);
        await using (var gateway = await ProductHost.Create(settings, ct))
            await accept.Run(gateway, bare, ct);

        await host.Start("all", ct);
        var api = await host.SignIn(ct);
        var load = new LoadGenerator(host.Port, Batch);
        var accepted = await accept.Accept("durable accept, 50-event batches, sink beside it", load, AcceptBench.BatchConnections, bare.Accept, null, ct);
        await api.Drained(ct);

        await Queryable(host, load, api, bare.Queryable, ct);
        figures.AtMost("memory loaded, most", host.Process.Memory("VmHWM"), "MB", 700);
        var half = await load.Open(AcceptBench.SingleConnections, accepted.RequestsPerSecond / 2, settings.Measure, ct);
        figures.Add(new Figure("half of the accept rate, sink beside it", half.EventsPerSecond, "events/s"));
        await api.Drained(ct);
        var broker = await BareBroker.ConfirmP99(host.Broker, SampleEvents.OnTheBus(AcceptBench.BatchEvents, DateTimeOffset.UtcNow), half.RequestsPerSecond, settings, ct);
        figures.Add(new Figure("K2 confirm p99 at that rate", broker, "ms"));
        figures.Add(new Figure("accept p50 at that rate, sink beside it", half.Percentile(0.5), "ms"));
        figures.AtMost("accept p99 at that rate, sink beside it", half.Percentile(0.99), "ms", 25);
        await Freshness(host, api, load, accepted.RequestsPerSecond / 10, ct);

        await host.Stop();
        figures.AtMost("restart to ready", await host.Start("all", ct), "s", 3);
    }

    private async Task Queryable(ProductHost host, LoadGenerator load, ProductApi api, double calibrator, CancellationToken ct)
    {
        var before = await api.Ledger(ct);
        var sent = await new ToQueryable(settings, figures, host, api).Measure(() => load.Closed(AcceptBench.BatchConnections, settings.Measure * 2, ct), calibrator, 0.45, ct);
        var after = await api.Ledger(ct);
        if (sent.Refused == 0 && after.Stored + after.Duplicates != before.Stored + before.Duplicates + sent.Events)
            throw new InvalidDataException($"{sent.Events} events were answered 200, and the ledger went from {before} to {after}.");
    }

    private async Task Freshness(ProductHost host, ProductApi api, LoadGenerator load, double rate, CancellationToken ct)
    {
        using var background = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var noise = load.Open(AcceptBench.BatchConnections, rate, TimeSpan.FromSeconds(30), background.Token);
        FreshnessProbes.Tell(await new FreshnessProbes(host, api).Run(20, TimeSpan.FromSeconds(0.4), TimeSpan.FromMilliseconds(50), ct), figures);
        await background.CancelAsync();
        await noise.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }
}
