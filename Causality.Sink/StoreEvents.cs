using System.Security.Cryptography;
using Causality.Contracts.Events;
using Causality.Sink.Flushing;
using MassTransit;

namespace Causality.Sink;

/// <summary>A message is acknowledged when the flush that it joined has committed; it never fails, it waits.</summary>
internal sealed class StoreEvents(OpenFlush flush) : IConsumer<EventsAccepted>
{
    public Task Consume(ConsumeContext<EventsAccepted> context) =>
        flush.Join(context.MessageId ?? FromContent(context.Message.Batch.Span), context.Message);

    /// <summary>A message that somebody else's publisher sent without an id still has to be the same one when it comes again.</summary>
    internal static Guid FromContent(ReadOnlySpan<byte> batch) => new(SHA256.HashData(batch).AsSpan(0, 16));
}
