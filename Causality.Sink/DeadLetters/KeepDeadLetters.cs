using Causality.Contracts.Events;
using MassTransit;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.Sink.DeadLetters;

/// <summary>What the broker gave up delivering lands in the table of dead letters, counted, once.</summary>
internal sealed class KeepDeadLetters(NpgsqlDataSource database, ILogger<KeepDeadLetters> log) : IConsumer<EventsAccepted>
{
    private const string Reason = "The broker gave the message up after its last delivery.";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Waits for the database rather than give the message back: there is no queue behind this one.</summary>
    public async Task Consume(ConsumeContext<EventsAccepted> context)
    {
        var id = context.MessageId ?? StoreEvents.FromContent(context.Message.Batch.Span);
        while (true)
            try
            {
                if (await DeadLetterTable.Bury(database, DeadLetter.Whole(id, context.Message, Reason), context.CancellationToken) is > 0 and var events)
                    log.WentDead(events, Reason);
                return;
            }
            catch (NpgsqlException away) when (!context.CancellationToken.IsCancellationRequested)
            {
                log.NotKeptYet(away, id);
                await Task.Delay(Pause, context.CancellationToken);
            }
    }
}
