using System.Reflection;
using Causality.Contracts;
using Causality.EventStore;
using Causality.Http.Hosts;
using Causality.Ingest.ApiKeys;
using Causality.Ingest.Apps;
using Causality.Ingest.Capture;
using Causality.Ingest.Limits;
using Causality.Ingest.Publishing;
using Causality.Ingest.Receiving;
using Causality.Ingest.Spooling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Causality.Ingest;

/// <summary>HTTP ingestion: API keys, limits, capture, confirmed publish, the spool. Needs an <c>NpgsqlDataSource</c>, <see cref="AddApiKeys"/> and MassTransit's <c>IBus</c>.</summary>
public static class IngestModule
{
    /// <summary>The meter to listen to.</summary>
    public const string MeterName = IngestMetrics.MeterName;

    /// <summary>Holds this module's migrations.</summary>
    public static Assembly Assembly => typeof(IngestModule).Assembly;

    /// <summary>Whether events are taken while the broker is away; null on a host that takes none at all. For <c>/ready</c>.</summary>
    public static bool? SpoolTakes(IServiceProvider services) => services.GetService<Spool>()?.Takes;

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
        services.AddSingleton<ApiKeyCache>();
        services.AddSingleton<KeyUses>();
        services.AddSingleton<KeyLimits>();
        services.AddSingleton<AddressLimits>();
        services.AddSingleton<BodyMemory>();
        services.AddSingleton<IngestMetrics>();
        services.AddSingleton(provider => new EventCapture(provider.GetRequiredService<IOptions<IngestOptions>>().Value.Capture));
        services.AddSingleton<IEventBus, MassTransitEventBus>();
        services.AddSingleton<PublishedCounts>();
        services.TryAddSingleton<IFailPoint, NoFailPoint>();
        services.AddSingleton<BrokerCircuit>();
        services.AddSingleton<IBrokerAlarm>(provider => provider.GetRequiredService<BrokerCircuit>());
        services.AddSingleton<SpoolMetrics>();
        services.AddSingleton<Spool>();
        services.AddSingleton<IHostStatus, SpoolStatus>();
        services.AddSingleton<EventPublisher>();
        services.AddSingleton<ReceiveEvents>();
        // the counts are stopped after the publisher, and so save what it did last
        services.AddHostedService<SavePublishedCounts>();
        services.AddHostedService<SaveKeyUses>();
        // the spool is stopped after the publisher, which may still need it
        services.AddHostedService(provider => provider.GetRequiredService<Spool>());
        services.AddHostedService<SpoolDrain>();
        services.AddHostedService(provider => provider.GetRequiredService<EventPublisher>());
        return builder;
    }

    /// <summary>Apps and keys alone: their facts, their tables and what is done to them. Needs the event store.</summary>
    public static IServiceCollection AddApiKeys(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddFacts(facts => facts
            .Add<AppCreated>("app-created")
            .Add<AppAdopted>("app-adopted")
            .Add<AppSettingsChanged>("app-settings-changed")
            .Add<ApiKeyCreated>("api-key-created")
            .Add<ApiKeyAdopted>("api-key-adopted")
            .Add<ApiKeyRotated>("api-key-rotated")
            .Add<ApiKeyLimitsSet>("api-key-limits-set")
            .Add<ApiKeyRevoked>("api-key-revoked"));
        services.AddInlineProjection<AppList>();
        services.AddInlineProjection<ApiKeyList>();
        services.TryAddSingleton<AppTable>();
        services.TryAddSingleton<AppSetup>();
        services.TryAddSingleton<ApiKeyStore>();
        services.TryAddSingleton<ApiKeyOrders>();
        services.TryAddSingleton<IApiKeyLookup>(provider => provider.GetRequiredService<ApiKeyStore>());
        return services;
    }

    /// <summary>Routes for SDKs, and for who looks after apps and keys.</summary>
    public static IEndpointRouteBuilder MapIngest(this IEndpointRouteBuilder routes)
    {
        EventRoutes.Map(routes);
        var keys = routes.MapGroup("/api/admin/keys");
        CreateApiKey.Map(keys);
        ListApiKeys.Map(keys);
        RevokeApiKey.Map(keys);

        var apps = routes.MapGroup("/api/v1/apps").WithTags("Apps");
        ListApps.Map(apps).WithName("list-apps");
        CreateApp.Map(apps).WithName("create-app");
        ShowApp.Map(apps).WithName("show-app");
        ChangeApp.Map(apps).WithName("change-app");
        ShowTrackingCode.Map(apps).WithName("show-tracking-code");
        var appKeys = apps.MapGroup("/{app_id}/keys");
        ListAppKeys.Map(appKeys);
        CreateAppKey.Map(appKeys);
        RotateAppKey.Map(appKeys);
        RevokeAppKey.Map(appKeys);

        // what apps were called before
        var projects = routes.MapGroup("/api/v1/projects").ExcludeFromDescription();
        ListApps.Map(projects);
        CreateApp.Map(projects);
        ShowApp.Map(projects);
        ChangeApp.Map(projects);
        ShowTrackingCode.Map(projects);
        return routes;
    }
}
