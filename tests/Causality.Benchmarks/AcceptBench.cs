using Causality.Benchmarks.Calibrators;
using Causality.Benchmarks.Load;
using Causality.Benchmarks.Product;

namespace Causality.Benchmarks;

/// <summary>
/// <c>bench accept</c>: how fast a gateway accepts durably, beside what Kestrel and the broker do with the same bytes. Behind the broker stands what stands there for the
/// calibrator: a consumer that only acknowledges.
/// </summary>
internal sealed class AcceptBench(BenchSettings settings, Figures figures)
{
    public const int BatchEvents = 50;
    public const int BatchConnections = 128;   // as many requests in flight as the broker alone gets messages
    public const int SingleConnections = 64;
    private const string SinkQueue = "causality.sink";

    private static readonly byte[] BatchBody = SampleEvents.Batch(BatchEvents, DateTimeOffset.UtcNow);
    private static readonly byte[] SingleBody = SampleEvents.Single(DateTimeOffset.UtcNow);

    public async Task Run(CancellationToken ct)
    {
        await using var host = await ProductHost.Create(settings, ct);
        figures.Step("Calibrators");
        var bare = await Calibration.Measure(host, () => Batch(host), BatchEvents, BatchConnections, settings, figures, ct);
        await Run(host, bare, ct);
    }

    /// <param name="host">Is left with messages that nobody stores.</param>
    /// <param name="bare">What the parts do alone.</param>
    /// <param name="ct">Ends it.</param>
    public async Task Run(ProductHost host, Calibration bare, CancellationToken ct)
    {
        var now = DateTimeOffset.UtcNow;
        var k1 = (await EchoServer.Measure(() => Single(host), SingleConnections, settings, ct)).EventsPerSecond;
        figures.Add(new Figure("K1 Kestrel echo, single events", k1, "events/s"));
        var k2 = await BareBroker.Measure(host.Broker, SampleEvents.OnTheBus(1, now), window: 1000, settings, ct);
        figures.Add(new Figure("K2 confirmed publish, single-event messages", k2, "events/s"));

        figures.Step("Accept");
        await host.Stop();
        await host.Start("gateway", ct);
        await using var consumer = await BareBroker.Consume(host.Broker, SinkQueue, ct);
        var load = new LoadGenerator(host.Port, () => Batch(host));
        var accepted = await Accept("durable accept, 50-event batches", load, BatchConnections, bare.Accept, 0.5, ct);
        var half = await load.Open(SingleConnections, accepted.RequestsPerSecond / 2, settings.Measure, ct);
        figures.Add(new Figure("durable accept at half of that, p50", half.Percentile(0.5), "ms"));
        figures.AtMost("durable accept at half of that, p99", half.Percentile(0.99), "ms", 25);
        await Accept("durable accept, one event per request", new LoadGenerator(host.Port, () => Single(host)), SingleConnections, 1 / (1 / k1 + 1 / k2), 0.8, ct);
    }

    /// <summary>A closed loop of requests, once the host is warm.</summary>
    public async Task<LoadResult> Accept(string name, LoadGenerator load, int connections, double calibrator, double? budget, CancellationToken ct)
    {
        await load.Closed(connections, settings.WarmHost, ct);
        var result = await load.Closed(connections, settings.Measure, ct);
        figures.AtLeast(name, result.EventsPerSecond, "events/s", calibrator, budget);
        figures.Add(new Figure($"{name}, p50", result.Percentile(0.5), "ms"));
        figures.Add(new Figure($"{name}, p99", result.Percentile(0.99), "ms"));
        if (result.Refused > 0)
            figures.Add(new Figure($"{name}, refused", 100.0 * result.Refused / result.Requests, "%"));
        return result;
    }

    /// <summary>JSON bytes of an event, one of a batch.</summary>
    public static double EventBytes => (double)BatchBody.Length / BatchEvents;

    public static Request Batch(ProductHost host) => new("/v1/events/batch", host.Key, BatchBody);

    private static Request Single(ProductHost host) => new("/v1/events/ingest", host.Key, SingleBody);
}
