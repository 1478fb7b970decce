using MassTransit;

namespace Causality.EventStore.Outbox;

/// <summary>A message that a transaction was given, before the bus has put it into an envelope.</summary>
internal delegate Task Outgoing(IPublishEndpoint publishing, ISendEndpointProvider sending, CancellationToken ct);

/// <summary>What a transaction outside of consumers needs to write messages. The bus is looked up when there is one to write: what only records facts needs none.</summary>
internal sealed class OutboxWriter(IServiceProvider services, OutboxSignal signal, IOutboxFailPoint failPoint)
{
    /// <summary>The messages as they are to be written. Throws when one cannot be serialized.</summary>
    public async Task<IReadOnlyList<OutboxMessage>> Prepare(IReadOnlyList<Outgoing> messages, string? correlationId, CancellationToken ct)
    {
        if (messages.Count == 0)
            return [];
        var bus = services.GetService(typeof(IBus)) as IBus
            ?? throw new InvalidOperationException("A transaction publishes a message, but this program has no bus: add MassTransit to its services.");
        var collector = new OutboxCollector(services, bus, correlationId);
        foreach (var message in messages)
            await message(collector.Publishing, collector.Sending, ct);
        return collector.Messages;
    }

    /// <summary>To be called when messages were committed.</summary>
    public void Committed()
    {
        failPoint.At(OutboxStep.HandlerCommitted);
        signal.Set();
    }
}
