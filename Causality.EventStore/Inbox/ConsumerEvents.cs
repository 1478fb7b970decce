using Causality.EventStore.Outbox;
using Causality.EventStore.Scheduling;
using Causality.EventStore.Sagas;
using Causality.EventStore.Streams;
using MassTransit;
using MassTransit.Configuration;
using Npgsql;

namespace Causality.EventStore.Inbox;

/// <summary>How consumers and sagas take part in the event store.</summary>
public static class ConsumerEvents
{
    // optimistic conflicts are over in milliseconds, however many contend: one of them has won each time
    private const int Retries = 30;

    // trouble with the database is no fault of a message: it is held for hours, and its endpoint with it, before it is given up
    private const int Patience = 10_000;
    private static readonly TimeSpan WhileAway = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10), LongestPause = TimeSpan.FromSeconds(1), PauseStep = TimeSpan.FromMilliseconds(25);

    /// <summary>
    /// Gives the endpoint's consumers and sagas an inbox, an outbox and a scheduler. Everything that one message leads to (facts, rows, saga,
    /// messages sent, scheduled and cancelled) commits in one transaction; a consumer that throws leaves nothing, a second copy of the
    /// message does nothing. Conflicts of streams and sagas are tried again, and a message waits while the database is away. To be called before consumers and sagas are configured on the endpoint.
    /// </summary>
    public static void UseEventStore(this IReceiveEndpointConfigurator endpoint, IRegistrationContext context)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        endpoint.AddPrePipeSpecification(new FilterPipeSpecification<ConsumeContext>(new ScheduleFilter(context)));
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<NpgsqlException>(e => e.IsTransient);
            retry.Interval(Patience, WhileAway);
        });
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<SagaConflictException>();
            retry.Handle<StreamConflictException>();
            retry.Handle<PostgresException>(e => e.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected);
            retry.Exponential(Retries, FirstPause, LongestPause, PauseStep);
        });
        var transactions = new OutboxConsumePipeSpecificationObserver<IConsumerTransaction>(endpoint, context);
        endpoint.ConnectConsumerConfigurationObserver(transactions);
        endpoint.ConnectSagaConfigurationObserver(transactions);
    }

    /// <summary>
    /// Begins a transaction that is part of the consumer's: what it commits is written at once, and counts when the consumer has ended without
    /// an exception. Correlation and causation come from the message. <see cref="IEventStore.Load"/> does not see it before that: it reads what is
    /// committed, on another connection.
    /// </summary>
    /// <param name="actor">Whose decision it is: a part of the system, such as <c>system:alerts</c>.</param>
    public static EventTransaction Begin(this IEventStore store, ConsumeContext context, string actor, string? tenant = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(context);
        return store.Begin(new FactOrigin(actor, Tenant: tenant, CorrelationId: context.Correlation(), CausationId: context.MessageId?.ToString())).JoinedTo(context, context.Joined());
    }

    /// <summary>What all that follows from one request has in common: the facts' own, where the message came with facts, else the bus's.</summary>
    internal static string? Correlation(this ConsumeContext context) =>
        context.Headers.Get<string>(OutboxMessage.CorrelationHeader) ?? (context.CorrelationId ?? context.ConversationId)?.ToString();

    /// <summary>The transaction of the message that is being consumed.</summary>
    internal static IConsumerTransaction Joined(this ConsumeContext context) =>
        context.TryGetPayload<IConsumerTransaction>(out var transaction) && transaction.Open ? transaction
            : throw new InvalidOperationException($"The endpoint {context.ReceiveContext.InputAddress} has no transaction for its messages: call UseEventStore where it is configured.");
}
