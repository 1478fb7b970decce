using Causality.EventStore.Inbox;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;
using Microsoft.Extensions.DependencyInjection;

namespace Causality.EventStore.Sagas;

/// <summary>The stable name under which the sagas of a type are kept.</summary>
internal sealed record SagaType<TSaga>(string Name);

/// <summary>How a saga is kept in PostgreSQL.</summary>
public static class SagaRegistration
{
    /// <summary>
    /// Keeps the saga in the table <c>sagas</c>, in the transaction of the message that changes it, with optimistic concurrency. Its endpoint must call
    /// <see cref="ConsumerEvents.UseEventStore"/>. It is found by its id: events correlate with <c>CorrelateById</c>.
    /// </summary>
    /// <param name="type">A stable name, such as <c>alert</c>; the class may be renamed and moved at will.</param>
    public static ISagaRegistrationConfigurator<TSaga> InPostgres<TSaga>(this ISagaRegistrationConfigurator<TSaga> saga, string type)
        where TSaga : class, IStoredSaga
    {
        ArgumentNullException.ThrowIfNull(saga);
        ArgumentException.ThrowIfNullOrEmpty(type);
        return saga.Repository(repository =>
        {
            repository.AddSingleton(new SagaType<TSaga>(type));
            repository.RegisterSagaRepository<TSaga, IConsumerTransaction, SagaConsumeContextFactory<IConsumerTransaction, TSaga>, PostgresSagas<TSaga>>();
            repository.RegisterLoadSagaRepository<TSaga, PostgresSagas<TSaga>>();
        });
    }
}
