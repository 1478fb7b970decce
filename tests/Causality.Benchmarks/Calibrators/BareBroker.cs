using System.Diagnostics;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Causality.Benchmarks.Calibrators;

/// <summary>K2: what the broker does with the same bytes: confirmed publish to a quorum queue, with a consumer that only acknowledges.</summary>
internal static class BareBroker
{
    /// <summary>Messages per second with at most <paramref name="window"/> unconfirmed ones.</summary>
    public static async Task<double> Measure(Uri broker, byte[] body, int window, BenchSettings settings, CancellationToken ct)
    {
        await using var queue = await Queue.Declare(broker, ct);
        await Publish(queue, body, window, settings.Warm, ct);
        var start = Stopwatch.GetTimestamp();
        var messages = await Publish(queue, body, window, settings.Measure, ct);
        return messages / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Milliseconds within which 99 of 100 messages are confirmed, at a steady rate per second.</summary>
    public static async Task<double> ConfirmP99(Uri broker, byte[] body, double rate, BenchSettings settings, CancellationToken ct)
    {
        await using var queue = await Queue.Declare(broker, ct);
        var confirms = new List<Task<double>>();
        var start = Stopwatch.GetTimestamp();
        for (var n = 0; n / rate < (settings.Warm + settings.Measure).TotalSeconds; n++)
        {
            var due = TimeSpan.FromSeconds(n / rate);
            while (due > Stopwatch.GetElapsedTime(start))
                await Task.Delay(1, ct);
            confirms.Add(Confirm(due));
        }
        var latencies = (await Task.WhenAll(confirms))[(int)(rate * settings.Warm.TotalSeconds)..];
        Array.Sort(latencies);
        return latencies[(int)(latencies.Length * 0.99)];

        async Task<double> Confirm(TimeSpan due)
        {
            await queue.Publish(body, ct);
            return (Stopwatch.GetElapsedTime(start) - due).TotalMilliseconds;
        }
    }

    /// <summary>Acknowledges what comes out of a queue, until it is disposed of.</summary>
    public static async Task<IAsyncDisposable> Consume(Uri broker, string queue, CancellationToken ct)
    {
        var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync(ct);
        var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        await channel.BasicQosAsync(0, 500, global: false, ct);
        var listener = new AsyncEventingBasicConsumer(channel);
        listener.ReceivedAsync += (_, message) => channel.BasicAckAsync(message.DeliveryTag, multiple: false, CancellationToken.None).AsTask();
        await channel.BasicConsumeAsync(queue, autoAck: false, listener, ct);
        return connection;
    }

    private static async Task<long> Publish(Queue queue, byte[] body, int window, TimeSpan time, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        async Task<long> Loop()
        {
            var messages = 0L;
            for (; Stopwatch.GetElapsedTime(start) < time; messages++)
                await queue.Publish(body, ct);
            return messages;
        }
        return (await Task.WhenAll(Enumerable.Range(0, window).Select(_ => Loop()))).Sum();
    }

    /// <summary>A quorum queue with a publisher that awaits confirms and a consumer; deleted when disposed of.</summary>
    private sealed class Queue(IConnection connection, IChannel channel, string name, IAsyncDisposable consumer) : IAsyncDisposable
    {
        private static readonly BasicProperties Persistent = new() { Persistent = true };

        public static async Task<Queue> Declare(Uri broker, CancellationToken ct)
        {
            var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync(ct);
            var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null), ct);
            var name = $"k2-{Guid.NewGuid():N}";
            await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: ct);
            return new Queue(connection, channel, name, await Consume(broker, name, ct));
        }

        /// <summary>Completes with the confirm.</summary>
        public ValueTask Publish(byte[] body, CancellationToken ct) => channel.BasicPublishAsync("", name, mandatory: true, Persistent, body, ct);

        public async ValueTask DisposeAsync()
        {
            await consumer.DisposeAsync();
            await channel.QueueDeleteAsync(name);
            await connection.DisposeAsync();
        }
    }
}
