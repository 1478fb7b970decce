using MassTransit;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using MassTransit.Transports;

namespace Causality.EventStore.Outbox;

/// <summary>Sends to a list instead of the broker: messages get everything that the bus gives them, and are written where their facts are.</summary>
internal sealed class OutboxCollector(IServiceProvider services, IBus bus, string? correlationId) : OutboxSendContext
{
    private readonly List<OutboxMessage> _messages = [];

    public IReadOnlyList<OutboxMessage> Messages => _messages;

    public IPublishEndpoint Publishing => new PublishEndpoint(new OutboxPublishEndpointProvider(this, bus));

    public ISendEndpointProvider Sending => new OutboxSendEndpointProvider(this, bus);

    public Task AddSend<T>(SendContext<T> context)
        where T : class
    {
        _messages.Add(OutboxMessage.From(context, correlationId));
        return Task.CompletedTask;
    }

    public object? GetService(Type serviceType) => services.GetService(serviceType);
}
