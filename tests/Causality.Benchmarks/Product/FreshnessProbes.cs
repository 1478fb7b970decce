using System.Diagnostics;
using System.Globalization;

namespace Causality.Benchmarks.Product;

/// <summary>Single events of types of their own, and how long it takes from their acceptance until trends count them; one question asks for all that are still waited for.</summary>
internal sealed class FreshnessProbes(ProductHost host, ProductApi api)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <param name="every">Between two probes.</param>
    /// <param name="pause">Between two questions, so that asking is not the load.</param>
    /// <returns>Seconds of each, the shortest first.</returns>
    public async Task<IReadOnlyList<double>> Run(int probes, TimeSpan every, TimeSpan pause, CancellationToken ct)
    {
        var waiting = new Dictionary<string, long>(StringComparer.Ordinal);
        var seconds = new List<double>();
        var start = Stopwatch.GetTimestamp();
        for (var sent = 0; seconds.Count < probes; await Task.Delay(pause, ct))
        {
            if (waiting.Count > 0 && Stopwatch.GetElapsedTime(waiting.Values.Min()) > Patience)
                throw new TimeoutException($"Events that were accepted are on no chart after a minute: {string.Join(", ", waiting.Keys)}");
            if (sent < probes && Stopwatch.GetElapsedTime(start) > sent * every)
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
                if (waiting.Remove(type, out var at))
                    seconds.Add(Stopwatch.GetElapsedTime(at).TotalSeconds);
        }
        seconds.Sort();
        return seconds;
    }

    public static void Tell(IReadOnlyList<double> seconds, Figures figures)
    {
        figures.Add(new Figure("freshness, accepted to visible in trends, p50", seconds[seconds.Count / 2], "s"));
        figures.AtMost("freshness, accepted to visible in trends, p95", seconds[(int)(seconds.Count * 0.95)], "s", 6);
    }
}
