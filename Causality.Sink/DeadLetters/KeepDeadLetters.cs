using Causality.Contracts.Events;
using Causality.Sink.Flushing;
using MassTransit;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.Sink.DeadLetters;

/// <summary>What the broker gave up delivering lands in the table of dead letters, counted, once.</summary>
internal sealed class KeepDeadLetters(NpgsqlDataSource database, ILogger<KeepDeadLetters> log) : IConsumer<EventsAccepted>
{
    private const string Reason = "The broker gave the message up after its last delivery.";

    public async Task Consume(ConsumeContext<EventsAccepted> context)
    {
        var id = context.MessageId ?? StoreEvents.FromContent(context.Message.Batch.Span);
        var (batch, counts) = context.Message;
        await using var connection = await database.OpenConnectionAsync(context.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(context.CancellationToken);
        await using var insert = new NpgsqlCommand("insert into sink_inbox (message_id) values ($1) on conflict do nothing", connection, transaction) { Parameters = { new() { Value = id } } };
        if (await insert.ExecuteNonQueryAsync(context.CancellationToken) == 0)
            return;   // stored after all, or kept before
        var books = new Books();
        foreach (var row in counts.Rows)
            books.Dead(counts.Run, row.AppId, row.Hour, row.Events);
        await books.Write(transaction, context.CancellationToken);
        await DeadLetterTable.Add(transaction, [new DeadLetter(id, counts.Rows.Select(r => r.AppId).FirstOrDefault(), 0, counts.Rows.Sum(r => (long)r.Events), Reason, batch, counts)], context.CancellationToken);
        await transaction.CommitAsync(context.CancellationToken);
        log.WentDead(books.DeadEvents, Reason);
    }
}
