using Causality.EventStore.Inbox;
using MassTransit;
using MassTransit.Middleware;
using MassTransit.Saga;
using Npgsql;

namespace Causality.EventStore.Sagas;

/// <summary>Reads and changes sagas in the transaction of the message that they receive.</summary>
internal sealed class PostgresSagas<TSaga>(
    NpgsqlDataSource database, SagaType<TSaga> type, ISagaConsumeContextFactory<IConsumerTransaction, TSaga> contexts, TimeProvider clock)
    : ISagaRepositoryContextFactory<TSaga>, ILoadSagaRepositoryContextFactory<TSaga>
    where TSaga : class, IStoredSaga
{
    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next)
        where T : class
    {
        var transaction = context.Joined();
        return next.Send(new SagasOfMessage<TSaga, T>(context, transaction, new SagaTable<TSaga>(type.Name, transaction.Connection, clock), contexts));
    }

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next)
        where T : class =>
        throw new NotSupportedException($"The saga {type.Name} is found by its id alone, not by {query.FilterExpression}: correlate {typeof(T).Name} with CorrelateById.");

    public async Task<T> Execute<T>(Func<LoadSagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken = default)
        where T : class
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await asyncMethod(new Loading(new SagaTable<TSaga>(type.Name, connection, clock), cancellationToken));
    }

    public void Probe(ProbeContext context) => context.CreateScope("causality-sagas").Set(new { type.Name });

    private sealed class Loading(SagaTable<TSaga> table, CancellationToken ct) : BasePipeContext(ct), LoadSagaRepositoryContext<TSaga>
    {
        public Task<TSaga> Load(Guid correlationId) => table.Load(correlationId, CancellationToken)!;
    }
}
