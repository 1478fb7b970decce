using Causality.Contracts.Events;
using MassTransit;

namespace Causality.Ingest.Publishing;

/// <summary>The way to the broker. Completes when the broker has confirmed that a queue holds the message; throws when it has not.</summary>
internal interface IEventBus
{
    Task Publish(EventsAccepted message, Guid messageId, CancellationToken ct);
}

/// <summary>Over MassTransit. Mandatory, because a broker confirms a message for which no queue is bound as well, and drops it.</summary>
internal sealed class MassTransitEventBus(IBus bus) : IEventBus
{
    public Task Publish(EventsAccepted message, Guid messageId, CancellationToken ct) =>
        bus.Publish(message, context =>
        {
            context.MessageId = messageId;
            context.Mandatory = true;
            context.Durable = true;
            context.Headers.Set(EventsAccepted.CountsHeader, message.Counts.ToString());
        }, ct);
}
