using System.Text.Json;
using System.Text.Json.Serialization;
using Causality.EventStore;
using Causality.EventStore.Outbox;
using Causality.EventStore.Schema;
using Causality.Host.Hosts;
using Causality.Http;
using Causality.Ingest;
using Causality.Lake.DuckDb;
using Causality.Lake.Files;
using Causality.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace Causality.Host;

/// <summary><c>causality serve [--role all|gateway,sink,query,scheduler]</c>: the program itself.</summary>
internal static class Serve
{
    private const long LargestBody = 1_000_000;

    public static async Task<int> Run(string[] args)
    {
        var roles = Role.Parse(args switch
        {
            [] => "all",
            ["--role", var names] => names,
            [var one] when one.StartsWith("--role=", StringComparison.Ordinal) => one["--role=".Length..],
            _ => throw new SettingsException("serve takes --role all, or some of the roles, comma-separated."),
        });
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables("CAUSALITY_").Build();
        DuckLibrary.Check();
        await using var app = Build(HostSettings.Read(configuration), roles);
        await Migrate(app.Services);
        await Bootstrap.Run(app.Services, app.Configuration);
        await app.RunAsync();
        return 0;
    }

    /// <summary>The OpenAPI document, from the same routes that are served; needs no database and no broker.</summary>
    public static async Task<int> PrintOpenApi()
    {
        var nowhere = new HostSettings("Host=localhost", new Uri("amqp://localhost"), Path.GetTempPath(), 0, "127.0.0.1", null, null, TimeSpan.FromSeconds(1));
        await using var app = Build(nowhere, Role.All, start: false);
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Console.WriteLine(await client.GetStringAsync("/openapi.json"));
        await app.StopAsync();
        return 0;
    }

    internal static WebApplication Build(HostSettings settings, IReadOnlyList<Role> roles, bool start = true, Action<IServiceCollection>? also = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddEnvironmentVariables("CAUSALITY_");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;   // ingest has a bound of its own
            // who sends slowly or never ends is cut off, so that open connections cost no more than they bring
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        }).UseUrls($"http://{settings.Bind}:{settings.Port}");
        builder.Logging.AddLogs(settings.JsonLogs);

        var services = builder.Services;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.ShutdownTimeout);
        services.Configure<JsonOptions>(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        });
        services.AddSingleton(settings);
        services.AddSingleton(new PublicAddress(settings.Url));
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(_ => NpgsqlDataSource.Create(settings.Postgres));
        services.AddObjectStore(settings.Data);
        services.AddSingleton(s => new Migrator(s.GetRequiredService<NpgsqlDataSource>(), Commands.Modules));
        services.PostConfigure<IngestOptions>(ingest => ingest.Spool.Folder = ingest.Spool.Folder is { Length: > 0 } folder ? folder : settings.Spool);
        services.AddFailPoint(settings.Death);
        services.AddEventStore();
        services.AddApiKeys();
        services.AddProblems();
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);   // so that it gets its code in one place
        services.AddAccounts();
        services.AddApiDocument();
        services.AddTelemetry(settings.Otlp);
        services.AddHosts(roles);

        foreach (var role in roles.Where(r => r.Consumes))
            role.Services(builder);
        services.AddBus(settings, roles);
        services.AddSingleton(s => new BrokerNeed(s, s.GetRequiredService<TimeProvider>(), roles.Any(r => r.Consumes)));
        if (roles.Any(r => r.Consumes))
        {
            services.AddQueueCheck();
            services.AddConsumerWatch();   // after the bus: it ends before the bus does, and takes no endpoint for gone that is being stopped
        }
        services.AddProjectionDaemon();   // each projection runs on one host, whichever is first
        services.AddOutbox();   // after the bus: what it publishes must end before the bus does
        foreach (var role in roles.Where(r => !r.Consumes))
            role.Services(builder);
        also?.Invoke(services);
        if (!start)
        {
            services.RemoveAll<IHostedService>();
            builder.Logging.ClearProviders();
        }

        var app = builder.Build();
        app.AnnounceFailPoint();
        app.UseRequestId();
        app.UseProblems();
        if (roles.Any(r => r.ServesApp))
            app.UseAppFiles(settings.App);
        app.UseRouting();
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseAuditOfRefusals();
        app.UseAntiforgeryTokens();
        app.UseRequirements();
        app.MapHealth();
        app.MapOpenApi("/openapi.json").AllowAnonymous();
        foreach (var role in roles)
            role.Routes?.Invoke(app, settings);
        RequireAnAnswerToWhoMayAsk(app);
        return app;
    }

    /// <summary>An endpoint that names neither a role nor that anybody may ask is a mistake, found at start and not by a stranger.</summary>
    private static void RequireAnAnswerToWhoMayAsk(IEndpointRouteBuilder app)
    {
        foreach (var endpoint in app.DataSources.SelectMany(source => source.Endpoints))
            if (endpoint.Metadata.GetMetadata<Requirement>() is null && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null)
                throw new SettingsException($"{endpoint.DisplayName} does not say who may call it; it must call RequireRole, RequireSignIn, RequireAdministrator or AllowAnonymous.");
    }

    internal static async Task Migrate(IServiceProvider services)
    {
        foreach (var applied in await services.GetRequiredService<Migrator>().Migrate(CancellationToken.None))
            services.GetRequiredService<ILogger<Migrator>>().Applied(applied.ToString());
    }
}
