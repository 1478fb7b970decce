using Causality.Benchmarks.Load;
using Causality.Benchmarks.Product;

namespace Causality.Benchmarks.Calibrators;

/// <summary>Events per second of the parts alone, with the same events in batches: what could be had if the product cost nothing.</summary>
/// <param name="K1">Kestrel that only answers.</param>
/// <param name="K2">RabbitMQ that only confirms and delivers.</param>
/// <param name="K3">DuckDB that only writes Parquet.</param>
internal sealed record Calibration(double K1, double K2, double K3)
{
    /// <summary>Taken and made durable, one after the other.</summary>
    public double Accept => 1 / (1 / K1 + 1 / K2);

    /// <summary>Taken, made durable and written.</summary>
    public double Queryable => 1 / (1 / K1 + 1 / K2 + 1 / K3);

    public static async Task<Calibration> Measure(ProductHost host, Func<Request> batch, int events, int connections, BenchSettings settings, Figures figures, CancellationToken ct)
    {
        var k1 = (await EchoServer.Measure(batch, connections, settings, ct)).EventsPerSecond;
        figures.Add(new Figure($"K1 Kestrel echo, {events}-event batches", k1, "events/s"));
        var k2 = events * await BareBroker.Measure(host.Broker, SampleEvents.OnTheBus(events, DateTimeOffset.UtcNow), window: connections, settings, ct);
        figures.Add(new Figure($"K2 confirmed publish, {events}-event messages", k2, "events/s"));
        using var duck = new BareDuck();
        var k3 = duck.CopyRows(host.Data, ct);
        figures.Add(new Figure("K3 DuckDB COPY to zstd Parquet", k3, "rows/s"));
        return new Calibration(k1, k2, k3);
    }
}
