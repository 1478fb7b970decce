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
        var factory = new ConnectionFactory { Uri = broker };
        await using var publisher = await factory.CreateConnectionAsync(ct);
        await using var consumer = await factory.CreateConnectionAsync(ct);
        await using var channel = await publisher.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null), ct);
        await using var receiving = await consumer.CreateChannelAsync(cancellationToken: ct);
        var queue = $"k2-{Guid.NewGuid():N}";
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: ct);
        await receiving.BasicQosAsync(0, 500, global: false, ct);
        var listener = new AsyncEventingBasicConsumer(receiving);
        listener.ReceivedAsync += (_, message) => receiving.BasicAckAsync(message.DeliveryTag, multiple: false, CancellationToken.None).AsTask();
        await receiving.BasicConsumeAsync(queue, autoAck: false, listener, ct);

        await Publish(channel, queue, body, window, settings.Warm, ct);
        var start = Stopwatch.GetTimestamp();
        var messages = await Publish(channel, queue, body, window, settings.Measure, ct);
        var perSecond = messages / Stopwatch.GetElapsedTime(start).TotalSeconds;
        await channel.QueueDeleteAsync(queue, cancellationToken: ct);
        return perSecond;
    }

    private static async Task<long> Publish(IChannel channel, string queue, byte[] body, int window, TimeSpan time, CancellationToken ct)
    {
        var properties = new BasicProperties { Persistent = true };
        var start = Stopwatch.GetTimestamp();
        async Task<long> Loop()
        {
            var messages = 0L;
            for (; Stopwatch.GetElapsedTime(start) < time; messages++)
                await channel.BasicPublishAsync("", queue, mandatory: true, properties, body, ct);      // completes with the confirm
            return messages;
        }
        return (await Task.WhenAll(Enumerable.Range(0, window).Select(_ => Loop()))).Sum();
    }
}
