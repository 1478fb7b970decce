using Causality.EventStore.Inbox;
using Causality.EventStore.Scheduling;
using MassTransit;
using MassTransit.Middleware;
using MassTransit.Scheduling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Causality.EventStore.Outbox;

/// <summary>Outbox, inbox and scheduler, over a bus that somebody else adds.</summary>
public static class OutboxModule
{
    /// <summary>The meter to listen to.</summary>
    public const string MeterName = "Causality.Outbox";

    /// <summary>What somebody should look at, such as a message that cannot be delivered for long; null when nothing is.</summary>
    public static string? Problem(IServiceProvider services) => services.GetService<OutboxWatch>()?.Problem;

    /// <summary>
    /// Adds the loops that deliver, move what is due, and tidy up; any number of hosts may run them. To be called after the bus is added: hosted
    /// services stop in reverse order, and these publish. Adds <see cref="IMessageScheduler"/> too, for what is not a consumer.
    /// </summary>
    public static IServiceCollection AddOutbox(this IServiceCollection services)
    {
        services.AddOptions<OutboxOptions>().BindConfiguration("Outbox").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<OutboxMetrics>();
        services.AddSingleton<OutboxWatch>();
        services.AddHostedService(s => s.GetRequiredService<OutboxWatch>());
        services.AddHostedService<OutboxDelivery>();
        services.AddHostedService<DueMessages>();
        services.AddSingleton<IMessageScheduler>(s => new MessageScheduler(ActivatorUtilities.CreateInstance<ScheduleAtOnce>(s), s.GetRequiredService<IBus>().Topology));
        return services;
    }

    /// <summary>What transactions and consumers write messages with; <see cref="EventStoreModule.AddEventStore"/> calls it.</summary>
    internal static void AddOutboxWriting(this IServiceCollection services)
    {
        services.TryAddSingleton<IOutboxFailPoint, NoOutboxFailPoint>();
        services.TryAddSingleton<OutboxSignal>();
        services.TryAddSingleton<ScheduleSignal>();
        services.TryAddSingleton<OutboxWriter>();
        services.TryAddScoped<IOutboxContextFactory<IConsumerTransaction>, ConsumerTransactionFactory>();
    }
}
