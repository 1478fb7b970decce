using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Causality.Host;

/// <summary>
/// Lets an endpoint hold hundreds of messages with one loop. RabbitMQ's client calls a consumer from as many loops as messages may be in hand, wakes every idle one of them for each
/// message, and keeps the message's buffer until the call returns. Here a single loop hands the messages on one after another, copied, and waits for none: MassTransit acknowledges each when it is done,
/// and the broker's prefetch bounds how many there are. The loop is never busy with what waits for a flush, so it also hears at once that its channel is gone.
/// </summary>
internal sealed class HandOver(int prefetch, ILogger<HandOver> log) : IFilter<ChannelContext>
{
    private static readonly AsyncLocal<ReadOnlyMemory<byte>> Received = new();
    private readonly ReusedBuffers _buffers = new(prefetch);

    /// <summary>The bytes of the message that is being consumed, valid until it is done; empty where no such filter is. MassTransit's own body is one copy more.</summary>
    public static ReadOnlyMemory<byte> Body => Received.Value;

    public Task Send(ChannelContext context, IPipe<ChannelContext> next) => next.Send(new HandOverChannel(context, _buffers, log));

    public void Probe(ProbeContext context) => context.CreateFilterScope("handOver");

    private sealed class HandOverChannel(ChannelContext context, ReusedBuffers buffers, ILogger log) : ScopeChannelContext(context, context.CancellationToken), ChannelContext
    {
        private readonly ChannelContext _context = context;

        Task<string> ChannelContext.BasicConsume(string queue, bool noAck, bool exclusive, IDictionary<string, object> arguments, IAsyncBasicConsumer consumer, string consumerTag, CancellationToken cancellationToken) =>
            _context.BasicConsume(queue, noAck, exclusive, arguments, new Consumer(consumer, buffers, log), consumerTag, cancellationToken);
    }

    private sealed class Consumer(IAsyncBasicConsumer consumer, ReusedBuffers buffers, ILogger log) : IAsyncBasicConsumer
    {
        public IChannel? Channel => consumer.Channel;

        public Task HandleBasicDeliverAsync(string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body,
            CancellationToken cancellationToken = default)
        {
            _ = Handle();
            return Task.CompletedTask;

            async Task Handle()
            {
                var buffer = buffers.Rent(body.Length);
                try
                {
                    body.CopyTo(buffer);
                    Received.Value = buffer.AsMemory(0, body.Length);
                    await consumer.HandleBasicDeliverAsync(consumerTag, deliveryTag, redelivered, exchange, routingKey, properties, Received.Value, cancellationToken);
                }
                catch (Exception unhandled)
                {
                    // MassTransit lets nothing out but what comes of a channel that is gone, and then the broker delivers again by itself
                    if (consumer.Channel is { IsOpen: true } channel)
                    {
                        log.NotHandled(unhandled);
                        await channel.BasicNackAsync(deliveryTag, multiple: false, requeue: true, CancellationToken.None);
                    }
                }
                finally
                {
                    buffers.Return(buffer);   // whatever it ended with, it ended: nobody waits with the message any more
                }
            }
        }

        public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) => consumer.HandleBasicConsumeOkAsync(consumerTag, cancellationToken);

        public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default) => consumer.HandleBasicCancelOkAsync(consumerTag, cancellationToken);

        public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default) => consumer.HandleBasicCancelAsync(consumerTag, cancellationToken);

        public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason) => consumer.HandleChannelShutdownAsync(channel, reason);
    }
}

internal static partial class HandOverLog
{
    [LoggerMessage(1106, LogLevel.Warning, "A message could not be handed over; the broker is told to deliver it again")]
    public static partial void NotHandled(this ILogger log, Exception unhandled);
}
