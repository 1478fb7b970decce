using System.Diagnostics;
using System.Globalization;
using Causality.Benchmarks.Product;
using RabbitMQ.Client;

namespace Causality.Benchmarks;

/// <summary>What is on its way through the product under a steady load, and what the host weighs, looked at once a second.</summary>
internal sealed class Backlog
{
    private const string Queue = "causality.sink";
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly List<Look> _looks = [];

    /// <param name="InFlight">Events accepted and not stored yet, by the books.</param>
    /// <param name="Queued">Messages that the broker has not handed out.</param>
    private readonly record struct Look(double Seconds, long InFlight, uint Queued, double Memory);

    /// <summary>Looks until it is told to stop, and says what it sees at each mark.</summary>
    public async Task Watch(ProductHost host, ProductApi api, TimeSpan mark, Figures figures, CancellationToken stop)
    {
        await using var connection = await new ConnectionFactory { Uri = host.Broker }.CreateConnectionAsync(CancellationToken.None);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: CancellationToken.None);
        var (start, marks) = (Stopwatch.GetTimestamp(), 1);
        while (!stop.IsCancellationRequested)
        {
            var look = new Look(Stopwatch.GetElapsedTime(start).TotalSeconds, (await api.Ledger(CancellationToken.None)).InFlight,
                (await channel.QueueDeclarePassiveAsync(Queue, CancellationToken.None)).MessageCount, host.Process.Memory("VmRSS"));
            _looks.Add(look);
            if (look.Seconds >= marks * mark.TotalSeconds)
            {
                marks++;
                figures.Step(string.Create(CultureInfo.InvariantCulture, $"  after {look.Seconds:0} s: {look.InFlight:N0} events in flight, {look.Queued:N0} messages queued, {look.Memory:0} MB"));
            }
            await Task.Delay(Every, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Flat, when over the whole time it has grown by less than a flush takes in; of the beginning, in which it fills, nothing counts.</summary>
    public void Tell(double rate, TimeSpan flush, Figures figures)
    {
        var settled = After(0.1);
        var time = settled[^1].Seconds - settled[0].Seconds;
        figures.Add(new Figure("backlog, median", settled.Select(l => l.InFlight).Order().ElementAt(settled.Count / 2), "events"));
        figures.Add(new Figure("backlog, most", settled.Max(l => l.InFlight), "events"));
        figures.AtMost("backlog, growth over the run by its slope", Slope(settled, l => l.InFlight) * time / rate, "s of load", flush.TotalSeconds);
        figures.Add(new Figure("queue, most", settled.Max(l => l.Queued), "messages"));
    }

    public void TellMemory(double most, Figures figures)
    {
        figures.AtMost("memory loaded, most", most, "MB", 700);
        figures.Add(new Figure("memory, slope over the second half", Slope(After(0.5), l => l.Memory) * 60, "MB per minute"));
    }

    private List<Look> After(double share) => [.. _looks.Where(l => l.Seconds >= share * _looks[^1].Seconds)];

    /// <summary>By least squares, per second.</summary>
    private static double Slope(List<Look> looks, Func<Look, double> figure)
    {
        var (seconds, mean) = (looks.Average(l => l.Seconds), looks.Average(figure));
        return looks.Sum(l => (l.Seconds - seconds) * (figure(l) - mean)) / looks.Sum(l => (l.Seconds - seconds) * (l.Seconds - seconds));
    }
}
