using Causality.Contracts.Events;
using Causality.Sink;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.Extensions.Options;

namespace Causality.Host;

/// <summary>The bus of all receive endpoints; <see cref="IBus"/> is the one that publishes. Public, since MassTransit makes a class of it.</summary>
public interface IConsumingBus : IBus;

/// <summary>
/// The bus: what is published goes to the exchange <c>causality.events</c>, and from there into the quorum queue of each consumer
/// group. Publishers declare exchange, queue and binding too, since a confirm proves nothing when no queue is bound. What publishes and what
/// consumes have connections of their own: an alarm of the broker stops reading from who publishes, and acknowledgements must not wait behind.
/// </summary>
internal static class Bus
{
    public const string EventsExchange = "causality.events";
    public const string SinkQueue = "causality.sink";
    public const string DeadQueue = "causality.sink.dead";

    // deliveries of one message before the broker gives it up; a flush that fails keeps its messages, so only crashes count
    private const int DeliveryLimit = 20;

    /// <summary>What the sink's queue must have been declared with, so that what the broker gives up is never lost on its way to the dead queue.</summary>
    public static IReadOnlyDictionary<string, object?> SinkArguments { get; } = new Dictionary<string, object?>
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = DeliveryLimit,
        ["x-dead-letter-exchange"] = DeadQueue,
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };

    public static void AddBus(this IServiceCollection services, HostSettings settings, IReadOnlyCollection<Role> roles)
    {
        services.AddOptions<MassTransitHostOptions>().Configure(options =>
        {
            // the host answers while the broker is away: /ready says so, and publishing is refused in time. What is published is
            // mandatory and declares its queue first, so nothing can be confirmed that no queue holds
            options.WaitUntilStarted = false;
            options.StopTimeout = settings.ShutdownTimeout;
        });
        services.AddMassTransit(bus => bus.UsingRabbitMq((_, rabbit) =>
        {
            Connect(rabbit, settings, "publishing");
            rabbit.Message<EventsAccepted>(topology => topology.SetEntityName(EventsExchange));
            rabbit.Publish<EventsAccepted>(topology => topology.BindQueue(EventsExchange, SinkQueue, Arguments));
            rabbit.Send<EventsAccepted>(topology => topology.UseSerializer(EventsAccepted.ContentType));
            rabbit.DeployPublishTopology = true;
        }));
        services.AddHostedService<BrokerAlarms>();
        if (roles.Any(role => role.Consumes))
            services.AddMassTransit<IConsumingBus>(bus =>
            {
                foreach (var role in roles)
                    role.Consumers(bus);
                bus.UsingRabbitMq((context, rabbit) =>
                {
                    Connect(rabbit, settings, "consuming");
                    foreach (var role in roles)
                        role.Endpoints(rabbit, context);
                });
            });
    }

    private static void Connect(IRabbitMqBusFactoryConfigurator rabbit, HostSettings settings, string what)
    {
        rabbit.Host(settings.RabbitMq, $"causality {what}", host => host.PublisherConfirmation = true);
        rabbit.AddSerializer(new EventsSerializerFactory());
        rabbit.SerializerContentType = SystemTextJsonMessageSerializer.JsonContentType;   // all but events travels as usual
    }

    /// <summary>The sink's queues: one that waits for flushes, one for what was delivered too often.</summary>
    public static void SinkEndpoints(IRabbitMqBusFactoryConfigurator rabbit, IBusRegistrationContext context)
    {
        var prefetch = context.GetRequiredService<IOptions<SinkOptions>>().Value.Prefetch;
        rabbit.ReceiveEndpoint(SinkQueue, endpoint =>
        {
            Arguments(endpoint);
            Bytes(endpoint, prefetch, loops: 1);
            endpoint.ConfigureChannel(channel => channel.UseFilter(new HandOver(prefetch, context.GetRequiredService<ILogger<HandOver>>())));
            endpoint.Bind(EventsExchange);
            endpoint.StoreEvents(context);
        });
        rabbit.ReceiveEndpoint(DeadQueue, endpoint =>
        {
            endpoint.SetQuorumQueue();
            Bytes(endpoint, 16, loops: 16);
            endpoint.KeepDeadLetters(context);
        });
    }

    /// <summary>Whatever lies in the queue reaches the consumer as it is; none is moved aside because its type or form is unknown.</summary>
    private static void Bytes(IRabbitMqReceiveEndpointConfigurator endpoint, ushort prefetch, int loops)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PrefetchCount = prefetch;
        endpoint.ConcurrentMessageLimit = loops;
        endpoint.ClearSerialization();
        endpoint.AddSerializer(new EventsSerializerFactory());
        endpoint.AddDeserializer(new EventsSerializerFactory(), isDefault: true);
        endpoint.RethrowFaultedMessages();
        endpoint.ThrowOnSkippedMessages();
    }

    private static void Arguments(IRabbitMqQueueConfigurator queue)
    {
        queue.SetQuorumQueue();
        foreach (var (name, value) in SinkArguments)
            queue.SetQueueArgument(name, value);
    }
}
