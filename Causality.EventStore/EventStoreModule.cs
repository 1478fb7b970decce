using System.Reflection;
using Causality.EventStore.Projections;
using Causality.EventStore.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Causality.EventStore;

/// <summary>The event store on an <c>NpgsqlDataSource</c> of the container.</summary>
public static class EventStoreModule
{
    /// <summary>Holds this module's migrations.</summary>
    public static Assembly Assembly => typeof(EventStoreModule).Assembly;

    /// <summary>Adds <see cref="IEventStore"/>.</summary>
    public static IServiceCollection AddEventStore(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(s => new FactTypes(s.GetServices<Action<FactTypes>>()));
        services.TryAddSingleton<IEventStore, PostgresEventStore>();
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
}
