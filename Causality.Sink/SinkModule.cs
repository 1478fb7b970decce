using Causality.Lake.Files;
using Causality.Lake.Ledger;
using Causality.Lake.Writing;
using Causality.Sink.DeadLetters;
using Causality.Sink.Flushing;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Causality.Sink;

/// <summary>The sink: takes accepted events from the bus and stores each exactly once in the lake.</summary>
public static class SinkModule
{
    public static IServiceCollection AddSink(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SinkOptions>().Bind(configuration.GetSection("Sink")).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IFailPoint, NoFailPoint>();
        services.AddSingleton<OpenFlush>();
        services.AddSingleton<SinkHealth>();
        services.AddSingleton<SinkMetrics>();
        services.AddSingleton(s => new EventFileWriter(s.GetRequiredService<IOptions<SinkOptions>>().Value.WriterMemory));
        services.AddSingleton(s => new Publication(s.GetRequiredService<NpgsqlDataSource>(), s.GetRequiredService<IObjectStore>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new KeyWindow(s.GetRequiredService<NpgsqlDataSource>(), s.GetRequiredService<IOptions<SinkOptions>>().Value.KeyWindow));
        services.AddSingleton<Flush>();
        services.AddHostedService<FlushLoop>();
        services.AddHostedService<Janitor>();
        return services;
    }

    public static void AddSinkConsumers(this IRegistrationConfigurator bus)
    {
        bus.AddConsumer<StoreEvents>();
        bus.AddConsumer<KeepDeadLetters>();
    }
}
