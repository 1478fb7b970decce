using Causality.EventStore.Inbox;
using Causality.EventStore.Sagas;
using Causality.EventStore.Streams;
using MassTransit;

namespace Causality.Architecture.Tests.Guides;

internal sealed record TicketOpened(string Why);

internal sealed record TicketAssigned(string To);

public sealed record TicketWaits(Guid Ticket);

public sealed record TicketHeld(Guid Ticket);

public sealed record TicketAnswered(Guid Ticket);

public sealed record ReminderDue(Guid Ticket);

/// <summary>The code of docs/guides/outbox-and-sagas.md, as it stands there.</summary>
internal static class OutboxAndSagas
{
    internal static Task Open(IEventStore store, FactOrigin origin, Guid id, CancellationToken ct) =>
        store.Begin(origin)
            .Append(new StreamId("ticket", id), 0, new TicketOpened("the page is slow"))
            .Publish(new TicketWaits(id))
            .Commit(ct);

    internal static void Consumers(IRegistrationConfigurator bus)
    {
        bus.AddConsumer<AssignTicket>();
        bus.AddSagaStateMachine<TicketMachine, Ticket>().InPostgres("ticket");
    }

    internal static void Endpoint(IReceiveEndpointConfigurator endpoint, IRegistrationContext context)
    {
        endpoint.UseEventStore(context);
        endpoint.ConfigureConsumer<AssignTicket>(context);
        endpoint.ConfigureSaga<Ticket>(context);
    }
}

internal sealed class AssignTicket(IEventStore store) : IConsumer<TicketWaits>
{
    public async Task Consume(ConsumeContext<TicketWaits> context)
    {
        var stream = new StreamId("assignment", context.Message.Ticket);
        await store.Begin(context, "system:desk").Append(stream, 0, new TicketAssigned("ada")).Commit(context.CancellationToken);
        await context.Publish(new TicketHeld(context.Message.Ticket));
    }
}

public sealed class Ticket : IStoredSaga
{
    public Guid CorrelationId { get; set; }
    public int Version { get; set; }
    public string State { get; set; } = "";
    public Guid? Reminder { get; set; }
}

internal sealed class TicketMachine : MassTransitStateMachine<Ticket>
{
    public TicketMachine()
    {
        InstanceState(ticket => ticket.State);
        Event(() => Held, e => e.CorrelateById(c => c.Message.Ticket));
        Event(() => Answered, e => e.CorrelateById(c => c.Message.Ticket));
        Schedule(() => Reminder, ticket => ticket.Reminder, s => (s.Delay, s.Received) = (TimeSpan.FromHours(4), e => e.CorrelateById(c => c.Message.Ticket)));

        Initially(When(Held).Schedule(Reminder, c => new ReminderDue(c.Saga.CorrelationId)).TransitionTo(Waiting));
        During(Waiting,
            When(Answered).Unschedule(Reminder).Finalize(),
            When(Reminder.Received).Publish(c => new TicketWaits(c.Saga.CorrelationId)));
        SetCompletedWhenFinalized();
    }

    public State Waiting { get; private set; } = null!;
    public Event<TicketHeld> Held { get; private set; } = null!;
    public Event<TicketAnswered> Answered { get; private set; } = null!;
    public Schedule<Ticket, ReminderDue> Reminder { get; private set; } = null!;
}
