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
    private const int BatchEvents = 50;
    private const int BatchConnections = 128;   // as many requests in flight as the broker alone gets messages
    private const int SingleConnections = 64;
    private const string BatchPath = "/v1/events/batch";
    private const string SinglePath = "/v1/events/ingest";

    public async Task Run(CancellationToken ct)
    {
        var now = DateTimeOffset.UtcNow;
        var (batch, single) = (SampleEvents.Batch(BatchEvents, now), SampleEvents.Single(now));
        await using var host = await ProductHost.Create(settings, ct);
        Request Batch() => new(BatchPath, host.Key, batch);
        Request Single() => new(SinglePath, host.Key, single);
        var api = await host.SignIn(ct);

        await Task.Delay(TimeSpan.FromSeconds(5), ct);
        figures.Step("The host at rest");
        figures.AtMost("memory idle", host.Process.Memory("VmRSS"), "MB", 250);

        figures.Step("Calibrators");
        var bare = await Calibration.Measure(host, Batch, BatchEvents, BatchConnections, settings, figures, ct);
        var k1Single = (await EchoServer.Measure(Single, SingleConnections, settings, ct)).EventsPerSecond;
        figures.Add(new Figure("K1 Kestrel echo, single events", k1Single, "events/s"));
        var k2Single = await BareBroker.Measure(host.Broker, SampleEvents.OnTheBus(1, now), window: 1000, settings, ct);
        figures.Add(new Figure("K2 confirmed publish, single-event messages", k2Single, "events/s"));

        // the calibrators know nothing of a lake, so the gateway is first measured without a sink beside it
        figures.Step("Accept");
        var load = new LoadGenerator(host.Port, Batch);
        await host.Stop();
        await host.Start("gateway", ct);
        await Accept("durable accept, 50-event batches", load, BatchConnections, bare.Accept, 0.5, ct);
        await Accept("durable accept, one event per request", new LoadGenerator(host.Port, Single), SingleConnections, 1 / (1 / k1Single + 1 / k2Single), 0.8, ct);
        await host.Stop();
        await host.Start("all", ct);
        await api.Drained(ct);
        var accepted = await Accept("durable accept, 50-event batches, sink beside it", load, BatchConnections, bare.Accept, null, ct);
        await api.Drained(ct);

        await Queryable(host, load, api, bare.Queryable, ct);
        figures.AtMost("memory loaded, most", host.Process.Memory("VmHWM"), "MB", 700);
        var half = await load.Open(SingleConnections, accepted.RequestsPerSecond / 2, settings.Measure, ct);
        figures.Add(new Figure("rate at half load", half.EventsPerSecond, "events/s"));
        figures.AtMost("accept p99 at half load, 50-event batches", half.Percentile(0.99), "ms", 25);
        await api.Drained(ct);
        await Freshness(host, api, load, accepted.RequestsPerSecond / 10, ct);

        await host.Stop();
        figures.AtMost("restart to ready", await host.Start("all", ct), "s", 3);
    }

    private async Task<LoadResult> Accept(string name, LoadGenerator load, int connections, double calibrator, double? budget, CancellationToken ct)
    {
        await load.Closed(connections, settings.Warm, ct);
        var result = await load.Closed(connections, settings.Measure, ct);
        figures.AtLeast(name, result.EventsPerSecond, "events/s", calibrator, budget);
        figures.Add(new Figure($"{name}, p50", result.Percentile(0.5), "ms"));
        figures.Add(new Figure($"{name}, p99", result.Percentile(0.99), "ms"));
        if (result.Refused > 0)
            figures.Add(new Figure($"{name}, refused", 100.0 * result.Refused / result.Requests, "%"));
        return result;
    }

    private async Task Queryable(ProductHost host, LoadGenerator load, ProductApi api, double calibrator, CancellationToken ct)
    {
        var before = await api.Ledger(ct);
        var sent = await new ToQueryable(settings, figures, host, api).Measure(() => load.Closed(BatchConnections, settings.Measure * 2, ct), calibrator, 0.45, ct);
        var after = await api.Ledger(ct);
        if (sent.Refused == 0 && after.Stored + after.Duplicates != before.Stored + before.Duplicates + sent.Events)
            throw new InvalidDataException($"{sent.Events} events were answered 200, and the ledger went from {before} to {after}.");
    }

    private async Task Freshness(ProductHost host, ProductApi api, LoadGenerator load, double rate, CancellationToken ct)
    {
        using var background = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var noise = load.Open(BatchConnections, rate, TimeSpan.FromSeconds(30), background.Token);
        FreshnessProbes.Tell(await new FreshnessProbes(host, api).Run(20, TimeSpan.FromSeconds(0.4), TimeSpan.FromMilliseconds(50), ct), figures);
        await background.CancelAsync();
        await noise.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }
}
