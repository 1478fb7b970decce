using Causality.EventStore.Inbox;
using MassTransit;
using MassTransit.Context;
using MassTransit.Scheduling;
using Microsoft.Extensions.DependencyInjection;

namespace Causality.EventStore.Scheduling;

/// <summary>Lets consumers and sagas schedule: with the transaction of the message where there is one, by itself where not, as for redelivery.</summary>
internal sealed class ScheduleFilter(IServiceProvider services) : IFilter<ConsumeContext>
{
    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        context.GetOrAddPayload<MessageSchedulerContext>(() => new ConsumeMessageSchedulerContext(context, Scheduler));
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("causality-scheduler");

    private MessageScheduler Scheduler(ConsumeContext context) =>
        new(new ScheduleInConsumer(context, ActivatorUtilities.CreateInstance<ScheduleAtOnce>(services)), services.GetRequiredService<IBus>().Topology);
}

/// <summary>Schedules and cancels with the transaction of the consumed message.</summary>
internal sealed class ScheduleInConsumer(ConsumeContext context, ScheduleAtOnce otherwise) : IScheduleMessageProvider
{
    public Task<ScheduledMessage<T>> ScheduleSend<T>(Uri destinationAddress, DateTime scheduledTime, T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken)
        where T : class =>
        context.TryGetPayload<IConsumerTransaction>(out var transaction) && transaction.Open
            ? Schedule.Send(context, destinationAddress, scheduledTime, message, pipe, cancellationToken)
            : otherwise.ScheduleSend(destinationAddress, scheduledTime, message, pipe, cancellationToken);

    public Task CancelScheduledSend(Guid tokenId, CancellationToken cancellationToken)
    {
        if (!context.TryGetPayload<IConsumerTransaction>(out var transaction) || !transaction.Open)
            return otherwise.CancelScheduledSend(tokenId, cancellationToken);
        transaction.Cancel(tokenId);
        return Task.CompletedTask;
    }

    public Task CancelScheduledSend(Uri destinationAddress, Guid tokenId, CancellationToken cancellationToken) => CancelScheduledSend(tokenId, cancellationToken);
}
