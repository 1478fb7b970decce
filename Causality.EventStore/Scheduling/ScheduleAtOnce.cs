using Causality.EventStore.Outbox;
using MassTransit;
using MassTransit.Scheduling;
using Npgsql;

namespace Causality.EventStore.Scheduling;

/// <summary>Schedules and cancels in a transaction of its own: durable when it returns.</summary>
internal sealed class ScheduleAtOnce(NpgsqlDataSource database, IServiceProvider services, IBus bus, ScheduleSignal schedule, OutboxSignal outbox, TimeProvider clock) : IScheduleMessageProvider
{
    public async Task<ScheduledMessage<T>> ScheduleSend<T>(Uri destinationAddress, DateTime scheduledTime, T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken)
        where T : class
    {
        var collector = new OutboxCollector(services, bus, correlationId: null);
        var scheduled = await Schedule.Send(collector.Sending, destinationAddress, scheduledTime, message, pipe, cancellationToken);
        await using var batch = database.CreateBatch();
        foreach (var collected in collector.Messages)
            batch.BatchCommands.Add(OutboxTable.Insert(collected, $"message/{collected.Id}", clock.GetUtcNow()));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        schedule.Set();
        outbox.Set();   // what is due already went there
        return scheduled;
    }

    public async Task CancelScheduledSend(Guid tokenId, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(OutboxTable.Cancel(tokenId));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    public Task CancelScheduledSend(Uri destinationAddress, Guid tokenId, CancellationToken cancellationToken) => CancelScheduledSend(tokenId, cancellationToken);
}

internal static class Schedule
{
    /// <summary>Sends with a delay and a token, which the outbox behind <paramref name="endpoints"/> makes a scheduled message of. The token travels along, so that a saga knows a timeout that it has cancelled too late.</summary>
    public static async Task<ScheduledMessage<T>> Send<T>(
        ISendEndpointProvider endpoints, Uri destination, DateTime at, T message, IPipe<SendContext<T>> pipe, CancellationToken ct)
        where T : class
    {
        var scheduling = new ScheduleSendPipe<T>(pipe, at) { ScheduledMessageId = ScheduleTokenIdCache<T>.GetTokenId(message) };
        var endpoint = await endpoints.GetSendEndpoint(destination);
        await endpoint.Send(message, scheduling, ct);
        return new ScheduledMessageHandle<T>(scheduling.ScheduledMessageId!.Value, at, destination, message);
    }
}
