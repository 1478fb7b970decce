using Causality.EventStore;
using Causality.EventStore.Inbox;
using Causality.EventStore.Sagas;
using Causality.EventStore.Streams;
using Causality.Host;
using MassTransit;

namespace Causality.OutboxHost;

internal sealed record OrderPlaced(int Number);

internal sealed record ShipmentBooked(int Number);

/// <summary>An order was placed: the message that goes out with the fact.</summary>
public sealed record OrderAccepted(string Order, int Number);

/// <summary>A shipment was booked: what the first consumer tells the second.</summary>
public sealed record ShipmentAnnounced(string Order, int Number);

/// <summary>What nobody consumes, so that no queue takes it.</summary>
public sealed record Unheard(string Order);

/// <summary>Lets a test take part in the consumer, after it has written everything.</summary>
internal sealed class Interference
{
    public Func<OrderAccepted, Task> AfterBooking { get; set; } = _ => Task.CompletedTask;
}

/// <summary>An order is a stream; each that is accepted is shipped, and each shipment is counted. Rows have no keys, so that a second effect would show.</summary>
internal static class Orders
{
    public const string ShipmentQueue = "orders.shipments";

    public static Role Role { get; } = new("orders", builder => builder.Services.AddFacts(facts => facts.Add<OrderPlaced>("order-placed").Add<ShipmentBooked>("shipment-booked")),
        (app, _) => app.MapPost("/orders/{order}", (string order, IEventStore store, CancellationToken ct) => Place(store, order, ct)).AllowAnonymous(),
        bus =>
        {
            bus.AddConsumer<BookShipment>();
            bus.AddConsumer<CountShipment>();
            bus.AddSagaStateMachine<TallyMachine, Tally>().InPostgres("tally");
        },
        (rabbit, context) =>
        {
            Endpoint(rabbit, context, ShipmentQueue, endpoint => endpoint.ConfigureConsumer<BookShipment>(context));
            Endpoint(rabbit, context, "orders.counts", endpoint => endpoint.ConfigureConsumer<CountShipment>(context));
            Endpoint(rabbit, context, "orders.tallies", endpoint => endpoint.ConfigureSaga<Tally>(context));
        });

    public static StreamId Stream(string order) => new("order", order);

    /// <summary>Adds the next number to an order; answers it.</summary>
    public static async Task<long> Place(IEventStore store, string order, CancellationToken ct)
    {
        var number = (await store.Read(Stream(order), ct)).Count + 1;
        await store.Begin(new FactOrigin("system:test", CorrelationId: $"request-{order}-{number}"))
            .Append(Stream(order), number - 1, new OrderPlaced(number))
            .Publish(new OrderAccepted(order, number))
            .Commit(ct);
        return number;
    }

    private static void Endpoint(IRabbitMqBusFactoryConfigurator rabbit, IBusRegistrationContext context, string queue, Action<IRabbitMqReceiveEndpointConfigurator> consumers) =>
        rabbit.ReceiveEndpoint(queue, endpoint =>
        {
            endpoint.SetQuorumQueue();
            endpoint.PrefetchCount = 16;
            endpoint.UseEventStore(context);
            consumers(endpoint);
        });
}

internal sealed class BookShipment(IEventStore store, Interference interference) : IConsumer<OrderAccepted>
{
    public async Task Consume(ConsumeContext<OrderAccepted> context)
    {
        var (order, number) = context.Message;
        var stream = new StreamId("shipments", order);
        var booked = (await store.Read(stream, context.CancellationToken)).Count;
        var transaction = store.Begin(context, "system:shipments").Append(stream, booked, new ShipmentBooked(number));
        transaction.Rows.Add("insert into shipments (order_id, number) values ($1, $2)", order, number);
        await transaction.Commit(context.CancellationToken);
        await context.Publish(new ShipmentAnnounced(order, number));
        await interference.AfterBooking(context.Message);
    }
}

internal sealed class CountShipment(IEventStore store) : IConsumer<ShipmentAnnounced>
{
    public async Task Consume(ConsumeContext<ShipmentAnnounced> context)
    {
        var transaction = store.Begin(context, "system:counts");
        transaction.Rows.Add("insert into counts (order_id, number) values ($1, $2)", context.Message.Order, context.Message.Number);
        await transaction.Commit(context.CancellationToken);
    }
}
