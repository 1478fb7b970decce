using Causality.EventStore.Outbox;
using MassTransit;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using Npgsql;

namespace Causality.EventStore.Inbox;

/// <summary>A consumer's context that keeps what is sent until the transaction is written, and is MassTransit's outbox for it.</summary>
internal sealed class ConsumerTransaction<TMessage>(
    ConsumeContext<TMessage> context, OutboxConsumeOptions options, IServiceProvider services, NpgsqlConnection connection, NpgsqlTransaction transaction, bool consumedBefore, TimeProvider clock)
    : OutboxConsumeContextProxy<TMessage>(context, options, services), IConsumerTransaction
    where TMessage : class
{
    private readonly List<object> _written = [];
    private readonly string? _correlation = context.Correlation();
    private string? _lane;

    public NpgsqlConnection Connection => connection;

    public NpgsqlTransaction Transaction => transaction;

    public bool Open { get; private set; } = true;

    /// <summary>The messages that the transaction has written, by whether they wait for their time.</summary>
    public (bool Sent, bool Scheduled) Wrote { get; private set; }

    public override bool ContinueProcessing { get; set; }

    public override bool IsMessageConsumed => consumedBefore;

    // the delivery loop does that, for all that waits in the outbox
    public override bool IsOutboxDelivered => true;

    public override int ReceiveCount => 1;

    public override long? LastSequenceNumber => null;

    public void OrderBy(string lane) => _lane ??= lane;

    public void Cancel(Guid token)
    {
        lock (_written)
            _written.Add(token);
    }

    public override Task AddSend<T>(SendContext<T> context)
    {
        if (!Open)
            throw new InvalidOperationException($"A message was sent after the consumer of {typeof(TMessage)} had ended; await what it does.");
        var message = OutboxMessage.From(context, _correlation);
        lock (_written)
            _written.Add(message);
        return Task.CompletedTask;
    }

    /// <summary>
    /// The consumer has done its part. Messages are written last, when the rows of streams and sagas are held: their numbers then have the
    /// order of the commits.
    /// </summary>
    public override async Task SetConsumed()
    {
        var (now, lane) = (clock.GetUtcNow(), _lane ?? $"message/{MessageId}");
        if (_written.Count == 0)
            return;
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var entry in _written)
            batch.BatchCommands.Add(entry is OutboxMessage message ? OutboxTable.Insert(message, lane, now) : OutboxTable.Cancel((Guid)entry));
        await batch.ExecuteNonQueryAsync(CancellationToken);
        var messages = _written.OfType<OutboxMessage>().ToList();
        Wrote = (messages.Exists(m => m.Delay is null), messages.Exists(m => m.Delay is not null));
    }

    public void Close() => Open = false;

    public override Task SetDelivered() => Task.CompletedTask;

    public override Task<List<OutboxMessageContext>> LoadOutboxMessages() => Task.FromResult<List<OutboxMessageContext>>([]);

    public override Task NotifyOutboxMessageDelivered(OutboxMessageContext message) => Task.CompletedTask;

    public override Task RemoveOutboxMessages() => Task.CompletedTask;
}
