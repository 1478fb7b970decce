using System.Globalization;
using System.Reflection;
using Causality.Host;
using Causality.Lake.Files.S3;
using Causality.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NUnit.Framework;

namespace Causality.Integration.Tests;

/// <summary>What one fixture has for itself: a database, a virtual host, a data folder, and the hosts that it started on them.</summary>
internal sealed class World : IAsyncDisposable
{
    public const string App = "shop", Email = "ada@example.com", Password = "a long password of the tests";
    public const string Key = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly string _name = $"causality_{Guid.CreateVersion7():N}";
    private readonly List<IAsyncDisposable> _hosts = [];

    private readonly Bucket? _bucket;

    private World(Storage storage)
    {
        Data = Directory.CreateTempSubdirectory("causality-world-").FullName;
        var folder = Directory.CreateDirectory(Path.Combine(Data, "lake")).FullName;
        if (storage == Storage.S3)
            _bucket = new Bucket(S3 = TestServers.S3(_name.Replace('_', '-')));
        Lake = new PlainLake(folder, _bucket is null ? null : () => _bucket.MirrorTo(folder));
        Database = NpgsqlDataSource.Create(Postgres);
    }

    public string Postgres => TestServers.Postgres(_name);

    public Uri RabbitMq => TestServers.RabbitMq(_name);

    public string VirtualHost => _name;

    public string Data { get; }

    /// <summary>The bucket that the lake lies in; null when it lies in <see cref="Data"/>.</summary>
    public S3Options? S3 { get; }

    public PlainLake Lake { get; }

    public NpgsqlDataSource Database { get; }

    public static async Task<World> Open(Storage storage = Storage.Local)
    {
        var world = new World(storage);
        await TestServers.Create(world._name);
        return world;
    }

    /// <summary>A host in this process, with the app and its key; ready, unless the test has taken away what it needs for that.</summary>
    public Task<HostInside> Start(string roles = "all", Action<IServiceCollection>? also = null, string? app = null, bool ready = true) =>
        Start(Role.Parse(roles), also, app, ready);

    public async Task<HostInside> Start(IReadOnlyList<Role> roles, Action<IServiceCollection>? also = null, string? app = null, bool ready = true)
    {
        var host = await HostInside.Start(this, roles, also, app);
        _hosts.Add(host);
        if (ready)
            await Patience.Eventually(host.Client.LacksNothing, Is.True);
        return host;
    }

    /// <summary>A host in a process of its own, ready: one that can be killed.</summary>
    public Task<HostOutside> Launch(string roles = "all", params (string Name, string Value)[] settings) =>
        Launch(typeof(Serve).Assembly, ["serve", "--role", roles], settings);

    /// <summary>The same of another program.</summary>
    public async Task<HostOutside> Launch(Assembly program, IReadOnlyList<string> arguments, params (string Name, string Value)[] settings)
    {
        var host = await HostOutside.Launch(this, program, arguments, settings);
        _hosts.Add(host);
        return host;
    }

    public async Task<long> Count(string sql) => Convert.ToInt64(await Scalar(sql), CultureInfo.InvariantCulture);

    public async Task<object?> Scalar(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    public Task Execute(string sql) => Scalar(sql);

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts.AsEnumerable().Reverse())
            await host.DisposeAsync();
        await Database.DisposeAsync();
        Lake.Dispose();
        if (_bucket is not null)
            await _bucket.Delete();
        _bucket?.Dispose();
        await TestServers.Drop(_name);
        Directory.Delete(Data, recursive: true);
    }
}

/// <summary>Where the lake of a fixture lies.</summary>
public enum Storage
{
    Local,
    S3,
}

/// <summary>A fixture on the real servers.</summary>
internal abstract class OnRealServers(Storage storage = Storage.Local)
{
    protected World World { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task OpenWorld() => World = await World.Open(storage);

    [OneTimeTearDown]
    public async Task CloseWorld()
    {
        if (World is not null)
            await World.DisposeAsync();
    }
}
