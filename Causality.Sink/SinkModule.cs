using Causality.Contracts;
using Causality.Http.Hosts;
using Causality.Lake.Catalog;
using Causality.Lake.Compaction;
using Causality.Lake.Files;
using Causality.Lake.Ledger;
using Causality.Lake.Properties;
using Causality.Lake.Reading;
using Causality.Lake.Writing;
using Causality.Sink.Compaction;
using Causality.Sink.DeadLetters;
using Causality.Sink.Deduplication;
using Causality.Sink.Erasure;
using Causality.Sink.Flushing;
using Causality.Sink.Jobs;
using Causality.Sink.Retention;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Causality.Sink;

/// <summary>The sink takes accepted events from the bus and stores each exactly once in the lake; the scheduler keeps the lake in order.</summary>
public static class SinkModule
{
    /// <summary>The meter to listen to.</summary>
    public const string MeterName = "Causality.Sink";

    /// <summary>Why the last flush failed; null when it did not. For <c>/ready</c>.</summary>
    public static string? Problem(IServiceProvider services) => services.GetService<SinkHealth>()?.Problem;

    /// <summary>What somebody should look at, though the sink works; null when there is nothing. For <c>/ready</c>.</summary>
    public static string? Warning(IServiceProvider services) => services.GetService<DeadLetterDepth>()?.Warning;

    /// <summary>To be called before the bus is added: hosted services stop in reverse order, and the last flush is for the messages that the bus still holds.</summary>
    public static IHostApplicationBuilder AddSink(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddLakeWork();
        services.AddSingleton<SinkHealth>();
        services.AddSingleton<IHostStatus, SinkStatus>();
        services.AddSingleton(s => new KeyLog(s.GetRequiredService<NpgsqlDataSource>(), s.GetRequiredService<IOptions<SinkOptions>>().Value.KeyWindow));
        services.AddSingleton(s => new RecentKeys(s.GetRequiredService<KeyLog>(), s.GetRequiredService<IOptions<SinkOptions>>().Value.KeyWindow, s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<FlushFiles>();
        services.AddSingleton<FlushThread>();
        services.AddSingleton(s => new StoredKeys(s.GetRequiredService<IObjectStore>(), s.GetRequiredService<IOptions<SinkOptions>>().Value.WriterMemory));
        services.AddSingleton(s => new PropertyCatalog(s.GetRequiredService<IOptions<SinkOptions>>().Value.CatalogProperties));
        services.AddSingleton<Flush>();
        services.AddHostedService<FlushLoop>();
        services.AddHostedService<Janitor>();
        return builder;
    }

    /// <summary>What keeps the lake in order: maintenance jobs, each on one host at a time, erasure, and what administrators ask of them.</summary>
    public static IHostApplicationBuilder AddScheduler(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddLakeWork();
        services.AddJobs();
        services.AddDeadLetters();
        services.AddSingleton<LiveFiles>();
        services.AddSingleton<Swaps>();
        services.TryAddSingleton<HotProperties>();
        services.AddSingleton(s => s.GetRequiredService<IOptions<SinkOptions>>().Value.Compaction);
        services.AddSingleton<PartitionMerge>();
        services.AddSingleton<IMaintenanceJob, InboxCleanup>();
        services.AddSingleton<IMaintenanceJob, CompactFiles>();
        services.AddSingleton<IMaintenanceJob, ExpireEvents>();
        services.AddSingleton<IMaintenanceJob, CheckLedger>();
        services.AddSingleton<EraseLake>();
        services.AddSingleton<EraseDeadLetters>();
        services.AddSingleton<EraseUsers>();
        services.AddHostedService(s => s.GetRequiredService<EraseUsers>());
        return builder;
    }

    /// <summary>The routes below /api/v1/operations; each says itself who may ask.</summary>
    public static void MapOperations(this IEndpointRouteBuilder routes)
    {
        var operations = routes.MapGroup("/api/v1/operations").WithTags("Operations");
        operations.MapJobs();
        operations.MapDeadLetters();
        RequestErasure.Map(operations);
        ListErasures.Map(operations);
        ExportUser.Map(operations);
    }

    public static void AddSinkConsumers(this IRegistrationConfigurator bus)
    {
        bus.AddConsumer<StoreEvents>();
        bus.AddConsumer<KeepDeadLetters>();
    }

    /// <summary>The endpoint of the queue whose messages are stored.</summary>
    public static void StoreEvents(this IReceiveEndpointConfigurator endpoint, IRegistrationContext context) => endpoint.ConfigureConsumer<StoreEvents>(context);

    /// <summary>The endpoint of the queue that takes what was delivered too often.</summary>
    public static void KeepDeadLetters(this IReceiveEndpointConfigurator endpoint, IRegistrationContext context) => endpoint.ConfigureConsumer<KeepDeadLetters>(context);

    // for the sink and for the jobs, which may be on one host or on two
    private static void AddLakeWork(this IServiceCollection services)
    {
        services.AddOptions<SinkOptions>().BindConfiguration("Sink").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IFailPoint, NoFailPoint>();
        services.TryAddSingleton(s => new EventFileWriter(s.GetRequiredService<IOptions<SinkOptions>>().Value.WriterMemory));
        services.TryAddSingleton(s => new Publication(s.GetRequiredService<NpgsqlDataSource>(), s.GetRequiredService<IObjectStore>(), s.GetRequiredService<TimeProvider>(),
            (flush, failure) => s.GetRequiredService<ILogger<Publication>>().FlushNotTidied(failure, flush)));
        services.TryAddSingleton<RetiredFiles>();
        services.TryAddSingleton<OpenFlush>();
        services.TryAddSingleton<SinkMetrics>();
    }
}
