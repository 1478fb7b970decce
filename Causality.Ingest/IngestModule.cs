using System.Reflection;
using Causality.Ingest.ApiKeys;
using Causality.Ingest.Capture;
using Causality.Ingest.Limits;
using Causality.Ingest.Publishing;
using Causality.Ingest.Receiving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Causality.Ingest;

/// <summary>HTTP ingestion: API keys, limits, capture, confirmed publish. Needs an <c>NpgsqlDataSource</c> and MassTransit's <c>IBus</c>.</summary>
public static class IngestModule
{
    /// <summary>The meter to listen to.</summary>
    public const string MeterName = IngestMetrics.MeterName;

    /// <summary>Holds this module's migrations.</summary>
    public static Assembly Assembly => typeof(IngestModule).Assembly;

    /// <summary>
    /// To be called after the bus is added: hosted services stop in reverse order, and what was received must be published before the bus stops.
    /// </summary>
    public static IHostApplicationBuilder AddIngest(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<IngestOptions>().BindConfiguration(IngestOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<IngestOptions>, IngestOptions.Checks>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddApiKeys();
        services.AddSingleton<ApiKeyCache>();
        services.AddSingleton<KeyLimits>();
        services.AddSingleton<AddressLimits>();
        services.AddSingleton<IngestMetrics>();
        services.AddSingleton(provider => new EventCapture(provider.GetRequiredService<IOptions<IngestOptions>>().Value.Capture));
        services.AddSingleton<IEventBus, MassTransitEventBus>();
        services.AddSingleton<PublishedCounts>();
        services.AddSingleton<EventPublisher>();
        services.AddSingleton<ReceiveEvents>();
        // the counts are stopped after the publisher, and so save what it did last
        services.AddHostedService<SavePublishedCounts>();
        services.AddHostedService(provider => provider.GetRequiredService<EventPublisher>());
        return builder;
    }

    /// <summary>The tables of apps and keys alone, for the command line.</summary>
    public static IServiceCollection AddApiKeys(this IServiceCollection services)
    {
        services.TryAddSingleton<ApiKeyStore>();
        services.TryAddSingleton<IApiKeyLookup>(provider => provider.GetRequiredService<ApiKeyStore>());
        return services;
    }

    /// <summary>Routes for SDKs, for admins, and the list of apps.</summary>
    public static IEndpointRouteBuilder MapIngest(this IEndpointRouteBuilder routes)
    {
        EventRoutes.Map(routes);
        var keys = routes.MapGroup("/api/admin/keys");
        CreateApiKey.Map(keys);
        ListApiKeys.Map(keys);
        RevokeApiKey.Map(keys);
        ListApps.Map(routes);
        return routes;
    }
}
