using Causality.Host;
using Causality.Ingest.ApiKeys;
using Causality.Sink;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.Integration.Tests;

/// <summary>The program itself, in this process, on a port of its own. Flushes after a tenth of a second instead of one.</summary>
internal sealed class HostInside : IAsyncDisposable
{
    private readonly WebApplication _app;
    private bool _stopped;

    private HostInside(WebApplication app)
    {
        _app = app;
        Client = new EventClient(new Uri(app.Urls.First()));
    }

    public EventClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<HostInside> Start(World world, string roles, Action<IServiceCollection>? also, string? appFolder)
    {
        var settings = new HostSettings(world.Postgres, world.RabbitMq, world.Data, 0, "127.0.0.1", appFolder, null, TimeSpan.FromSeconds(20));
        var app = Serve.Build(settings, Role.Parse(roles), also: services =>
        {
            services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error));
            services.Configure<SinkOptions>(sink => (sink.Quiet, sink.QuietInterval, sink.BusyInterval) = (TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)));
            also?.Invoke(services);
        });
        await Serve.Migrate(app.Services);
        await Bootstrap.Run(app.Services, new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ADMIN_EMAIL"] = World.Email,
            ["ADMIN_PASSWORD"] = World.Password,
            ["APP_ID"] = World.App,
            ["API_KEY"] = World.Key,
            ["API_KEY_EVENTS_PER_SECOND"] = "1000000",
            ["API_KEY_BURST"] = "1000000",
        }).Build());
        await app.StartAsync();
        return new HostInside(app);
    }

    /// <summary>Makes another app of the administrator's organization; answers its key.</summary>
    public async Task<string> AddApp(string id)
    {
        var keys = Services.GetRequiredService<ApiKeyStore>();
        await using var organization = Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("select id from organizations");
        await keys.EnsureApp(id, (Guid?)await organization.ExecuteScalarAsync(), null, CancellationToken.None);
        return (await keys.CreateKey(id, "test", null, null, CancellationToken.None)).Key;
    }

    public async Task Stop()
    {
        _stopped = true;
        await _app.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_stopped)
            await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
