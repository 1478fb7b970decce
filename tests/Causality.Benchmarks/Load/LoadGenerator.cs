using System.Diagnostics;

namespace Causality.Benchmarks.Load;

/// <summary>What a load did. Events count when their request was answered 200.</summary>
internal sealed record LoadResult(double Seconds, long Events, long Requests, long Refused, double[] LatenciesMs)
{
    public double EventsPerSecond => Events / Seconds;

    public double RequestsPerSecond => Requests / Seconds;

    public double Percentile(double p) => LatenciesMs.Length == 0 ? double.NaN : LatenciesMs[(int)Math.Min(LatenciesMs.Length - 1, p * LatenciesMs.Length)];
}

/// <summary>Sends requests to a port of this machine, each connection with its own prepared request.</summary>
internal sealed class LoadGenerator(int port, Func<Request> request)
{
    /// <summary>Each connection sends as soon as it was answered: how much can be had.</summary>
    public Task<LoadResult> Closed(int connections, TimeSpan time, CancellationToken ct) => Run(connections, time, null, ct);

    /// <summary>
    /// Sends at a fixed rate of requests per second, whatever the answers do; latency counts from when a request was due, so a stall is
    /// felt by all that waited for it.
    /// </summary>
    public Task<LoadResult> Open(int connections, double rate, TimeSpan time, CancellationToken ct) => Run(connections, time, rate, ct);

    private async Task<LoadResult> Run(int connections, TimeSpan time, double? rate, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        var done = await Task.WhenAll(Enumerable.Range(0, connections).Select(i => Task.Run(() => Drive(i, connections, start, time, rate, ct), ct)));
        var latencies = done.SelectMany(d => d.Latencies).ToArray();
        Array.Sort(latencies);
        return new LoadResult(Stopwatch.GetElapsedTime(start).TotalSeconds, done.Sum(d => d.Events), latencies.Length, done.Sum(d => d.Refused), latencies);
    }

    private async Task<(long Events, long Refused, List<double> Latencies)> Drive(int number, int connections, long start, TimeSpan time, double? rate, CancellationToken ct)
    {
        using var connection = await Connection.Open(port, ct);
        var prepared = request();
        var latencies = new List<double>(1 << 16);
        var (events, refused) = (0L, 0L);
        for (var n = (long)number; ; n += connections)
        {
            var due = rate is { } perSecond ? TimeSpan.FromSeconds(n / perSecond) : Stopwatch.GetElapsedTime(start);
            if (due >= time)
                return (events, refused, latencies);
            while (due - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } early)
                await Task.Delay(early < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : early, ct);
            var status = await connection.Send(prepared.Fresh(), ct);
            latencies.Add((Stopwatch.GetElapsedTime(start) - due).TotalMilliseconds);
            if (status == 200)
                events += prepared.Events;
            else if (status is 429 or 503)
                refused++;
            else
                throw new InvalidDataException($"A request was answered {status}.");
        }
    }
}
