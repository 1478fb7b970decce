using System.Diagnostics;
using System.Security.Cryptography;
using Causality.EventStore;
using Npgsql;

namespace Causality.Benchmarks.Faults;

/// <summary>All that one fault has to itself: a database, a virtual host, a lake, wires to both servers, hosts, apps and their keys, and the journal.</summary>
internal sealed class Site : IAsyncDisposable
{
    private const string Email = "faults@causality.test";
    private readonly FaultSettings _settings;
    private readonly string _name = $"fault_{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
    private readonly string _password = RandomNumberGenerator.GetHexString(24), _firstKey = RandomNumberGenerator.GetHexString(64, lowercase: true);
    private readonly List<(string Id, string Key)> _apps = [];
    private readonly List<Func<Task>> _restore = [];
    private long _over;

    private Site(FaultSettings settings)
    {
        _settings = settings;
        Data = Path.Combine(settings.Folder, _name);
        Postgres = new Server("postgres", settings);
        RabbitMq = new Server("rabbitmq", settings);
        var address = PostgresConnection.Parse(settings.Postgres);
        PostgresWire = new Wire(address.Host!, address.Port);
        BrokerWire = new Wire(settings.RabbitMq.Host, settings.RabbitMq.Port);
        address.Database = _name;
        address.Pooling = false;   // what the checker asks must not fail because of a session that a fault has ended
        Database = NpgsqlDataSource.Create(address);
    }

    public FaultSettings Settings => _settings;
    public string Data { get; }
    public ILakeFolder Lake { get; private set; } = null!;
    public Server Postgres { get; }
    public Server RabbitMq { get; }
    public Wire PostgresWire { get; }
    public Wire BrokerWire { get; }
    public NpgsqlDataSource Database { get; }
    public List<SiteHost> Hosts { get; } = [];
    public Journal Journal { get; } = new();
    public Traffic Traffic { get; private set; } = null!;

    /// <summary>The broker as somebody else's program reaches it.</summary>
    public Uri Broker => new UriBuilder(_settings.RabbitMq) { Path = _name }.Uri;

    public string VirtualHost => _name;

    public IReadOnlyList<(string Id, string Key)> AppKeys => _apps;

    /// <summary>The moment from which recovery is counted; null until there was one.</summary>
    public long? OverAt => _over == 0 ? null : _over;

    /// <summary>An empty site whose hosts are made and not started.</summary>
    public static async Task<Site> Open(FaultSettings settings, Fault fault, Func<string, Task<ILakeFolder>> lake, CancellationToken ct)
    {
        var site = new Site(settings);
        try
        {
            Directory.CreateDirectory(site.Data);
            site.Lake = await lake(site.Data);
            var user = Uri.UnescapeDataString(settings.RabbitMq.UserInfo.Split(':')[0]);
            await Task.WhenAll(site.Administer($"create database {site._name}", ct), Task.Run(async () =>
            {
                await site.RabbitMqCtl(ct, "add_vhost", site._name);
                await site.RabbitMqCtl(ct, "set_permissions", "-p", site._name, user, ".*", ".*", ".*");
            }, ct));
            for (var i = 1; i <= fault.Hosts; i++)
                site.Hosts.Add(new SiteHost(settings, site.Environment(fault), Path.Combine(settings.Folder, $"{site._name}-host{i}.log"), fault.Supervised));
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the hosts, makes the apps, and lets the senders begin.</summary>
    public async Task Begin(Fault fault, CancellationToken ct)
    {
        await fault.Prepare(this, ct);
        await Hosts[0].Start(ct);   // alone: it makes the tables
        await Task.WhenAll(Hosts.Skip(1).Select(host => host.Start(ct)));
        await SignIn(ct);
        _apps.Add(("app-1", _firstKey));
        for (var i = 2; i <= fault.Apps; i++)
            await AddApp($"app-{i}", ct);
        Traffic = new Traffic([.. Hosts.Select(h => h.Address)], _apps, Journal);
        Traffic.Begin();
    }

    public Task SignIn(CancellationToken ct, SiteHost? host = null) => (host ?? Hosts[0]).SignIn(Email, _password, ct);

    /// <summary>Segments of the spools of all hosts, those that are gone included.</summary>
    public IReadOnlyList<FileInfo> Spooled() => [.. new DirectoryInfo(Path.Combine(Data, "spool")).EnumerateFiles("*.segment", SearchOption.AllDirectories)];

    /// <summary>Asks the database for a number.</summary>
    public async Task<long> Count(string sql)
    {
#pragma warning disable CA2100 // our own text
        await using var count = Database.CreateCommand(sql);
#pragma warning restore CA2100
        return (long)(await count.ExecuteScalarAsync())!;
    }

    /// <summary>Looks ten times a second; false when it did not come true.</summary>
    public static async Task<bool> Until(Func<Task<bool>> so, TimeSpan patience, CancellationToken ct)
    {
        for (var start = Stopwatch.GetTimestamp(); !await so(); await Task.Delay(100, ct))
            if (Stopwatch.GetElapsedTime(start) > patience)
                return false;
        return true;
    }

    public async Task AddApp(string id, CancellationToken ct)
    {
        var organization = (await Hosts[0].Get("/api/v1/organizations", ct))[0].GetProperty("id").GetGuid();
        await Hosts[0].Post("/api/v1/apps", new { organization_id = organization, id, name = id }, ct);
        _apps.Add((id, (await Hosts[0].Post($"/api/v1/apps/{id}/keys", new { name = "faults" }, ct)).GetProperty("key").GetString()!));
    }

    /// <summary>To be called by a fault at the moment at which the trouble ends.</summary>
    public void Over() => _over = Stopwatch.GetTimestamp();

    /// <summary>What must be done after this fault whatever happens, such as an alarm to be taken back; last first.</summary>
    public void Afterwards(Func<Task> restore) => _restore.Add(restore);

    /// <summary>
    /// Asks a host to compact one app after another, until it is told to stop. What it refuses, since a run is under way, or cannot do now, is passed over.
    /// </summary>
    public async Task KeepCompacting(SiteHost host, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
            try
            {
                await Task.Delay(100, stop);
                await host.Run("compaction", new { app_id = _apps[i % _apps.Count].Id }, stop);
            }
            catch (Exception away) when (away is HttpRequestException or TaskCanceledException or OperationCanceledException)
            {
            }
    }

    public Task<string> RabbitMqCtl(CancellationToken ct, params string[] arguments) => Tool.Run(_settings.RabbitMqCtl, ["--quiet", .. arguments], ct);

    public async Task Administer(string sql, CancellationToken ct)
    {
        var address = PostgresConnection.Parse(_settings.Postgres);
        address.Pooling = false;
        await using var connection = new NpgsqlConnection(address.ConnectionString);
        await connection.OpenAsync(ct);
#pragma warning disable CA2100 // our own text
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var restore in _restore.AsEnumerable().Reverse())
            await restore();
        if (Traffic is not null)
            await Traffic.DisposeAsync();
        foreach (var host in Hosts)
            await host.DisposeAsync();
        await PostgresWire.DisposeAsync();
        await BrokerWire.DisposeAsync();
        await Database.DisposeAsync();
        if (Lake is not null)
            await Lake.DisposeAsync();
        await RabbitMqCtl(CancellationToken.None, "delete_vhost", _name);
        await Administer($"drop database if exists {_name} with (force)", CancellationToken.None);
        if (Directory.Exists(Data))
            Directory.Delete(Data, recursive: true);
    }

    private Dictionary<string, string> Environment(Fault fault)
    {
        var postgres = PostgresConnection.Parse(_settings.Postgres);
        (postgres.Host, postgres.Port, postgres.Database) = ("127.0.0.1", PostgresWire.Port, _name);
        var all = new Dictionary<string, string>
        {
            ["CAUSALITY_POSTGRES"] = postgres.ConnectionString,
            ["CAUSALITY_RABBITMQ"] = new UriBuilder(Broker) { Host = "127.0.0.1", Port = BrokerWire.Port }.Uri.ToString(),
            ["CAUSALITY_DATA"] = Data,
            ["CAUSALITY_BIND"] = "127.0.0.1",
            ["CAUSALITY_ADMIN_EMAIL"] = Email,
            ["CAUSALITY_ADMIN_PASSWORD"] = _password,
            ["CAUSALITY_APP_ID"] = "app-1",
            ["CAUSALITY_API_KEY"] = _firstKey,
            ["CAUSALITY_INGEST__EVENTSPERSECOND"] = "1000000",
            ["CAUSALITY_INGEST__BURST"] = "1000000",
            ["CAUSALITY_SINK__BUSYINTERVAL"] = "00:00:01",   // more flushes, so more places to be hit at
        };
        foreach (var (name, value) in Lake.Settings.Concat(fault.Environment(this)))
            all[name] = value;
        return all;
    }
}
