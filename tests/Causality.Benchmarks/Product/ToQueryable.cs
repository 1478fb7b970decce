using System.Diagnostics;
using Causality.Benchmarks.Load;

namespace Causality.Benchmarks.Product;

/// <summary>Events per second from the first byte sent until the ledger says that every accepted event is stored, and the processor time of all who took part.</summary>
internal sealed class ToQueryable(BenchSettings settings, Figures figures, ProductHost host, ProductApi api)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <param name="share">The budget: so much of the calibrator.</param>
    public async Task<LoadResult> Measure(Func<Task<LoadResult>> load, double calibrator, double share, CancellationToken ct)
    {
        var before = await api.Ledger(ct);
        IEnumerable<(string, int)> processes = [("the host", host.Process.Id), .. settings.Servers, ("the load generator", Environment.ProcessId)];
        var spentBefore = ProcessorTime.Read(processes);
        var start = Stopwatch.GetTimestamp();
        var sent = await load();
        await api.Stored(before.Stored + sent.Events, Patience, ct);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var after = await api.Ledger(ct);
        var stored = after.Stored - before.Stored;
        figures.AtLeast("HTTP to queryable", stored / seconds, "events/s", calibrator, share);
        figures.Add(new Figure("HTTP to queryable, catching up after the last request", seconds - sent.Seconds, "s"));
        foreach (var (name, spent) in ProcessorTime.Read(processes).Since(spentBefore))
            figures.Add(new Figure($"HTTP to queryable, processor time of {name}", spent / stored * 1e6, "s per million events"));
        return sent;
    }
}
