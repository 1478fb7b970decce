using Causality.EventStore.Inbox;
using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;

namespace Causality.EventStore.Sagas;

/// <summary>What MassTransit's saga filters do to sagas for one message.</summary>
internal sealed class SagasOfMessage<TSaga, TMessage>(
    ConsumeContext<TMessage> context, IConsumerTransaction transaction, SagaTable<TSaga> table, ISagaConsumeContextFactory<IConsumerTransaction, TSaga> contexts)
    : ConsumeContextScope<TMessage>(context), SagaRepositoryContext<TSaga, TMessage>
    where TSaga : class, IStoredSaga
    where TMessage : class
{
    private readonly ConsumeContext<TMessage> _context = context;

    public Task<SagaConsumeContext<TSaga, TMessage>> Add(TSaga instance) => CreateSagaConsumeContext(_context, instance, SagaConsumeContextMode.Add);

    /// <summary>Null, as MassTransit wants it, where there is one already; it is loaded then.</summary>
    public async Task<SagaConsumeContext<TSaga, TMessage>> Insert(TSaga instance) =>
        await table.Insert(instance, CancellationToken) ? await CreateSagaConsumeContext(_context, instance, SagaConsumeContextMode.Insert) : null!;

    public async Task<SagaConsumeContext<TSaga, TMessage>> Load(Guid correlationId) =>
        await table.Load(correlationId, CancellationToken) is { } saga ? await CreateSagaConsumeContext(_context, saga, SagaConsumeContextMode.Load) : null!;

    public async Task Save(SagaConsumeContext<TSaga> context)
    {
        if (!await table.Insert(context.Saga, CancellationToken))
            throw table.Conflict(context.Saga);
        transaction.OrderBy(table.Lane(context.Saga));
    }

    public async Task Update(SagaConsumeContext<TSaga> context)
    {
        await table.Update(context.Saga, CancellationToken);
        transaction.OrderBy(table.Lane(context.Saga));
    }

    public async Task Delete(SagaConsumeContext<TSaga> context)
    {
        await table.Delete(context.Saga, CancellationToken);
        transaction.OrderBy(table.Lane(context.Saga));
    }

    public Task Discard(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

    public Task Undo(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

    public Task<SagaConsumeContext<TSaga, T>> CreateSagaConsumeContext<T>(ConsumeContext<T> consumeContext, TSaga instance, SagaConsumeContextMode mode)
        where T : class => contexts.CreateSagaConsumeContext(transaction, consumeContext, instance, mode);
}
