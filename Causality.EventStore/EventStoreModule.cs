using System.Reflection;
using Causality.EventStore.Outbox;
using Causality.EventStore.Projections;
using Causality.EventStore.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Causality.EventStore;

/// <summary>
/// The event store on an <c>NpgsqlDataSource</c> of the container, whose database <see cref="Schema.Migrator"/> has given its tables. Let the
/// source prepare what comes again (<see cref="PostgresConnection"/> does).
/// </summary>
public static class EventStoreModule
{
    /// <summary>The meter of what is measured here.</summary>
    public const string MeterName = "Causality.EventStore";

    /// <summary>Holds this module's migrations.</summary>
    public static Assembly Assembly => typeof(EventStoreModule).Assembly;

    /// <summary>Adds <see cref="IEventStore"/> and <see cref="IProjections"/>.</summary>
    public static IServiceCollection AddEventStore(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(s => new FactTypes(s.GetServices<Action<FactTypes>>()));
        services.TryAddSingleton<IEventStore, PostgresEventStore>();
        services.TryAddSingleton<IProjections, PostgresProjections>();
        services.AddOutboxWriting();
        return services;
    }

    /// <summary>Tells which facts a module writes, under which names.</summary>
    public static IServiceCollection AddFacts(this IServiceCollection services, Action<FactTypes> facts) => services.AddSingleton(facts);

    /// <summary>Adds a projection whose rows commit with the facts: for a list that must show one's own change at once. It slows each append by its statements.</summary>
    public static IServiceCollection AddInlineProjection<T>(this IServiceCollection services) where T : class, IProjection
    {
        services.TryAddSingleton<T>();
        return services.AddSingleton(s => new InlineProjection(s.GetRequiredService<T>()));
    }

    /// <summary>
    /// Adds a projection that follows the facts, a second or less behind them; hosts with <see cref="AddProjectionDaemon"/> run it. Appends do
    /// not wait for it.
    /// </summary>
    public static IServiceCollection AddProjection<T>(this IServiceCollection services) where T : class, IProjection
    {
        services.TryAddSingleton<T>();
        return services.AddSingleton(s => new AsynchronousProjection(s.GetRequiredService<T>()));
    }

    /// <summary>
    /// Lets this host run the projections that <see cref="AddProjection"/> has added, each unless another host does. It needs sessions of its
    /// own, so no proxy that shares them, and logging.
    /// </summary>
    public static IServiceCollection AddProjectionDaemon(this IServiceCollection services)
    {
        services.TryAddSingleton<ProjectionMetrics>();
        return services.AddHostedService<ProjectionDaemon>();
    }
}
