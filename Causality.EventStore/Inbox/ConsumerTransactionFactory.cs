using Causality.EventStore.Outbox;
using Causality.EventStore.Scheduling;
using MassTransit;
using MassTransit.Middleware;
using Npgsql;

namespace Causality.EventStore.Inbox;

/// <summary>
/// Gives each consumed message one database transaction. The row in the inbox is its first statement: a second copy waits there until the first
/// has committed, and then does nothing, or does the work if the first was rolled back.
/// </summary>
internal sealed class ConsumerTransactionFactory(
    NpgsqlDataSource database, IServiceProvider services, OutboxSignal outbox, ScheduleSignal schedule, IOutboxFailPoint failPoint, TimeProvider clock) : IOutboxContextFactory<IConsumerTransaction>
{
    public async Task Send<T>(ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next)
        where T : class
    {
        var id = context.MessageId ?? throw new MessageException(typeof(T), "It has no MessageId, so that a second copy of it could not be told from another message.");
        var ct = context.CancellationToken;
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var first = await Remember(connection, id, options.ConsumerId, ct);
        var consumer = new ConsumerTransaction<T>(context, options, services, connection, transaction, consumedBefore: !first, clock);
        try
        {
            await next.Send(consumer);
            if (!first)
                return;
            failPoint.At(OutboxStep.Consumed);
            await transaction.CommitAsync(ct);
            failPoint.At(OutboxStep.ConsumerCommitted);
        }
        finally
        {
            consumer.Close();
        }
        if (consumer.Wrote.Sent)
            outbox.Set();
        if (consumer.Wrote.Scheduled)
            schedule.Set();
    }

    public void Probe(ProbeContext context) => context.CreateScope("causality-outbox");

    private async Task<bool> Remember(NpgsqlConnection connection, Guid message, Guid consumer, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                WatchedSession.Begin(forTransaction: true),
                new("insert into inbox (message_id, consumer_id, consumed_at) values ($1, $2, $3) on conflict do nothing")
                {
                    Parameters = { new() { Value = message }, new() { Value = consumer }, new() { Value = clock.GetUtcNow() } },
                },
            },
        };
        await batch.ExecuteNonQueryAsync(ct);
        return batch.BatchCommands[1].RecordsAffected == 1;
    }
}
