using Causality.EventStore.Streams;
using Causality.Host;
using Causality.Ingest.ApiKeys;
using Causality.Ingest.Apps;
using Causality.Lake.Files.S3;
using Causality.Sink;
using Causality.Web.Accounts;
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
    private int _disposed;

    private HostInside(WebApplication app)
    {
        _app = app;
        Client = new EventClient(new Uri(app.Urls.First()));
    }

    public EventClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<HostInside> Start(World world, IReadOnlyList<Role> roles, Action<IServiceCollection>? also, string? appFolder)
    {
        var settings = new HostSettings(world.Postgres, world.RabbitMq, world.Data, 0, "127.0.0.1", appFolder, null, TimeSpan.FromSeconds(20));
        var app = Serve.Build(settings, roles, also: services =>
        {
            services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error));
            services.Configure<SinkOptions>(sink => (sink.Quiet, sink.QuietInterval, sink.BusyInterval) = (TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)));
            services.Configure<AccountsOptions>(accounts => accounts.TriesPerMinute = 100_000);   // all tests come from one address
            if (world.S3 is { } s3)
                services.Configure<S3Options>(o => (o.Endpoint, o.Bucket, o.AccessKey, o.SecretKey, o.CreateBucket) = (s3.Endpoint, s3.Bucket, s3.AccessKey, s3.SecretKey, true));
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

    /// <summary>The organization of <see cref="World.Email"/>.</summary>
    public async Task<Guid> Organization()
    {
        await using var organization = Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "select m.organization_id from members m join users u on u.id = m.user_id where u.email = $1 order by m.joined_at limit 1");
        organization.Parameters.AddWithValue(World.Email);
        return (Guid)(await organization.ExecuteScalarAsync())!;
    }

    /// <summary>Makes another app, of the administrator's organization unless told otherwise; answers its key.</summary>
    public async Task<string> AddApp(string id, Guid? organization = null)
    {
        var owner = organization ?? await Organization();
        await Services.GetRequiredService<AppSetup>().EnsureApp(id, owner, Origin(owner), CancellationToken.None);
        return (await AddKey(id)).Key;
    }

    /// <summary>Makes another key of an app.</summary>
    public Task<CreatedKey> AddKey(string app, ApiKeyLimits? limits = null) =>
        Services.GetRequiredService<ApiKeyOrders>().Create(app, "test", null, limits, Origin(null), CancellationToken.None);

    public Task RevokeKey(CreatedKey key) => Services.GetRequiredService<ApiKeyOrders>().Revoke(key.AppId, key.Id, Origin(null), CancellationToken.None);

    private static FactOrigin Origin(Guid? organization) => new("system:test", Tenant: organization?.ToString());

    public async Task Stop()
    {
        _stopped = true;
        await _app.StopAsync();
    }

    /// <summary>May be called twice: by the fixture that is done with it, and by the world at its end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        Client.Dispose();
        if (!_stopped)
            await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
