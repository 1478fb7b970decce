using System.Diagnostics;
using System.Globalization;
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
        figures.AtMost("memory idle", host.Process.Memory("VmRSS"), "MB", 300);

        figures.Step("Calibrators");
        var k1Batch = (await EchoServer.Measure(Batch, BatchConnections, settings, ct)).EventsPerSecond;
        figures.Add(new Figure("K1 Kestrel echo, 50-event batches", k1Batch, "events/s"));
        var k1Single = (await EchoServer.Measure(Single, SingleConnections, settings, ct)).EventsPerSecond;
        figures.Add(new Figure("K1 Kestrel echo, single events", k1Single, "events/s"));
        var k2Batch = BatchEvents * await BareBroker.Measure(host.Broker, SampleEvents.OnTheBus(BatchEvents, now), window: BatchConnections, settings, ct);
        figures.Add(new Figure("K2 confirmed publish, 50-event messages", k2Batch, "events/s"));
        var k2Single = await BareBroker.Measure(host.Broker, SampleEvents.OnTheBus(1, now), window: 1000, settings, ct);
        figures.Add(new Figure("K2 confirmed publish, single-event messages", k2Single, "events/s"));
        double k3;
        using (var duck = new BareDuck())
            k3 = duck.CopyRows(host.Data, ct);
        figures.Add(new Figure("K3 DuckDB COPY to zstd Parquet", k3, "rows/s"));

        // the calibrators know nothing of a lake, so the gateway is first measured without a sink beside it
        figures.Step("Accept");
        var load = new LoadGenerator(host.Port, Batch);
        var (bareBatch, bareSingle) = (1 / (1 / k1Batch + 1 / k2Batch), 1 / (1 / k1Single + 1 / k2Single));
        await host.Stop();
        await host.Start("gateway", ct);
        await Accept("durable accept, 50-event batches", load, BatchConnections, bareBatch, 0.3, ct);
        await Accept("durable accept, one event per request", new LoadGenerator(host.Port, Single), SingleConnections, bareSingle, null, ct);
        await host.Stop();
        await host.Start("all", ct);
        await Drained(api, ct);
        var accepted = await Accept("durable accept, 50-event batches, sink beside it", load, BatchConnections, bareBatch, null, ct);
        await Drained(api, ct);

        await Queryable(host, load, api, 1 / (1 / k1Batch + 1 / k2Batch + 1 / k3), ct);
        figures.AtMost("memory loaded, most", host.Process.Memory("VmHWM"), "MB", 700);
        var half = await load.Open(SingleConnections, accepted.RequestsPerSecond / 2, settings.Measure, ct);
        figures.Add(new Figure("rate at half load", half.EventsPerSecond, "events/s"));
        figures.AtMost("accept p99 at half load, 50-event batches", half.Percentile(0.99), "ms", 25);
        await Drained(api, ct);
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

    // From the first byte sent until the ledger says that every accepted event is stored.
    private async Task Queryable(ProductHost host, LoadGenerator load, ProductApi api, double calibrator, CancellationToken ct)
    {
        var before = await api.Ledger(ct);
        IEnumerable<(string, int)> processes = [("the host", host.Process.Id), .. settings.Servers, ("the load generator", Environment.ProcessId)];
        var spentBefore = ProcessorTime.Read(processes);
        var start = Stopwatch.GetTimestamp();
        var sent = await load.Closed(BatchConnections, settings.Measure * 2, ct);
        await api.Stored(before.Stored + sent.Events, TimeSpan.FromMinutes(10), ct);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var after = await api.Ledger(ct);
        figures.AtLeast("HTTP to queryable", (after.Stored - before.Stored) / seconds, "events/s", calibrator, 0.2);
        figures.Add(new Figure("HTTP to queryable, catching up after the last request", seconds - sent.Seconds, "s"));
        foreach (var (name, spent) in ProcessorTime.Read(processes).Since(spentBefore))
            figures.Add(new Figure($"HTTP to queryable, processor time of {name}", spent / (after.Stored - before.Stored) * 1e6, "s per million events"));
        if (sent.Refused == 0 && after.Stored + after.Duplicates != before.Stored + before.Duplicates + sent.Events)
            throw new InvalidDataException($"{sent.Events} events were answered 200, and the ledger went from {before} to {after}.");
    }

    // Probes of types of their own under a tenth of the load that was accepted; one question asks for all that are still waited for.
    private async Task Freshness(ProductHost host, ProductApi api, LoadGenerator load, double rate, CancellationToken ct)
    {
        const int Probes = 20;
        using var background = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var noise = load.Open(BatchConnections, rate, TimeSpan.FromSeconds(30), background.Token);
        var waiting = new Dictionary<string, long>(StringComparer.Ordinal);
        var seconds = new List<double>();
        var start = Stopwatch.GetTimestamp();
        for (var sent = 0; seconds.Count < Probes; await Task.Delay(50, ct))
        {
            if (Stopwatch.GetElapsedTime(start).TotalSeconds > 60)
                throw new TimeoutException($"Events that were accepted are on no chart after a minute: {string.Join(", ", waiting.Keys)}");
            if (sent < Probes && Stopwatch.GetElapsedTime(start).TotalSeconds > sent * 0.4)
            {
                var type = string.Create(CultureInfo.InvariantCulture, $"probe_{sent++}");
                await host.SendCustom(type, ct);
                waiting[type] = Stopwatch.GetTimestamp();
            }
            if (waiting.Count == 0)
                continue;
            var today = DateTime.UtcNow.Date;
            var (totals, _) = await api.Trends(new
            {
                app_id = ProductHost.App, series = waiting.Keys.Select(t => new { event_type = t }), from = $"{today.AddDays(-1):yyyy-MM-dd}", to = $"{today.AddDays(2):yyyy-MM-dd}", interval = "day",
            }, ct);
            foreach (var (type, _) in totals.Where(t => t.Value > 0))
            {
                if (waiting.Remove(type, out var at))
                    seconds.Add(Stopwatch.GetElapsedTime(at).TotalSeconds);
            }
        }
        await background.CancelAsync();
        await noise.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        seconds.Sort();
        figures.Add(new Figure("freshness, accepted to visible in trends, p50", seconds[Probes / 2], "s"));
        figures.AtMost("freshness, accepted to visible in trends, p95", seconds[(int)(Probes * 0.95)], "s", 6);
    }

    private static async Task Drained(ProductApi api, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        // a host reports what it published four times a second
        await Task.Delay(1000, ct);
        while (await api.Ledger(ct) is { InFlight: > 0 } books)
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromMinutes(10))
                throw new TimeoutException($"The sink has not caught up: {books}");
            await Task.Delay(200, ct);
        }
    }
}
