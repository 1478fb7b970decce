using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Causality.EventStore;
using Npgsql;

namespace Causality.Benchmarks.Product;

/// <summary>
/// The real host as a process of its own, with a database, a virtual host and a data folder that are made for it and removed after it.
/// </summary>
internal sealed class ProductHost : IAsyncDisposable
{
    public const string App = "bench";
    private const string Email = "bench@causality.test";
    private readonly BenchSettings _settings;
    private readonly string _name = $"bench_{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
    private readonly string _password = RandomNumberGenerator.GetHexString(24);
    private readonly Dictionary<string, string> _environment = [];
    private ChildProcess? _process;

    private ProductHost(BenchSettings settings)
    {
        _settings = settings;
        Port = ChildProcess.FreePort();
        Data = Path.Combine(settings.Folder, _name);
        Key = RandomNumberGenerator.GetHexString(64, lowercase: true);
        Database = PostgresConnection.Parse(settings.Postgres);
        Database.Database = _name;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}"), Timeout = TimeSpan.FromMinutes(2) };
    }

    public int Port { get; }
    public string Data { get; }
    public string Key { get; }
    public NpgsqlConnectionStringBuilder Database { get; }
    public HttpClient Http { get; }

    public Uri Broker => new UriBuilder(_settings.RabbitMq) { Path = _name }.Uri;

    public ChildProcess Process => _process ?? throw new InvalidOperationException("The host does not run.");

    /// <summary>A host with all roles.</summary>
    public static async Task<ProductHost> Create(BenchSettings settings, CancellationToken ct)
    {
        var host = new ProductHost(settings);
        try
        {
            Directory.CreateDirectory(host.Data);
            await host.InPostgres($"create database {host._name}", ct);
            await host.RabbitMqCtl(["add_vhost", host._name], ct);
            await host.RabbitMqCtl(["set_permissions", "-p", host._name, Uri.UnescapeDataString(settings.RabbitMq.UserInfo.Split(':')[0]), ".*", ".*", ".*"], ct);
            await host.Start("all", ct);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the host with some of its roles and waits until it is ready; answers the seconds that took.</summary>
    public async Task<double> Start(string roles, CancellationToken ct)
    {
        _environment["CAUSALITY_POSTGRES"] = Database.ConnectionString;
        _environment["CAUSALITY_RABBITMQ"] = Broker.ToString();
        _environment["CAUSALITY_DATA"] = Data;
        _environment["CAUSALITY_PORT"] = Port.ToString(CultureInfo.InvariantCulture);
        _environment["CAUSALITY_BIND"] = "127.0.0.1";
        _environment["CAUSALITY_ADMIN_EMAIL"] = Email;
        _environment["CAUSALITY_ADMIN_PASSWORD"] = _password;
        _environment["CAUSALITY_APP_ID"] = App;
        _environment["CAUSALITY_API_KEY"] = Key;
        _environment["CAUSALITY_API_KEY_EVENTS_PER_SECOND"] = "100000000";
        _environment["CAUSALITY_API_KEY_BURST"] = "100000000";
        var log = Path.Combine(_settings.Folder, $"{_name}.log");
        var start = Stopwatch.GetTimestamp();
        _process = ChildProcess.Start("dotnet", [_settings.HostDll, "serve", "--role", roles], _environment, log);
        while (!await IsReady(ct))
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(60))
                throw new InvalidOperationException($"The host was not ready within a minute. Its last words:\n{string.Join('\n', File.Exists(log) ? File.ReadLines(log).TakeLast(20) : [])}");
            await Task.Delay(20, ct);
        }
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public async Task Stop()
    {
        if (_process is { } running)
            await running.DisposeAsync();
        _process = null;
    }

    public async Task<ProductApi> SignIn(CancellationToken ct) => await ProductApi.SignIn(Http, Email, _password, ct);

    /// <summary>The demo command of the host, against this host.</summary>
    public async Task Demo(long events, int days, DateTimeOffset until, CancellationToken ct)
    {
        var log = Path.Combine(_settings.Folder, $"{_name}-demo.log");
        await using var demo = ChildProcess.Start("dotnet",
            [_settings.HostDll, "demo", "--events", $"{events}", "--days", $"{days}", "--until", until.ToString("yyyy-MM-ddTHH:mmZ", CultureInfo.InvariantCulture), "--url", Http.BaseAddress!.ToString(), "--key", Key, "--app", App], null, log);
        if (await demo.End(ct) is var code && code != 0)
            throw new InvalidOperationException($"The demo ended with {code}: {string.Join('\n', File.ReadLines(log).TakeLast(5))}");
    }

    /// <summary>One event of a name of its own; returns when it is accepted.</summary>
    public async Task SendCustom(string type, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events/ingest") { Headers = { { "X-API-Key", Key } } };
        request.Content = JsonContent.Create(new { @event = new { deviceId = "d-probe", timestampMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), idempotencyKey = Guid.NewGuid(), customEvent = new { eventName = type } } });
        using var answer = await Http.SendAsync(request, ct);
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        Http.Dispose();
        await RabbitMqCtl(["delete_vhost", _name], CancellationToken.None, mayFail: true);
        NpgsqlConnection.ClearAllPools();
        await InPostgres($"drop database if exists {_name} with (force)", CancellationToken.None);
        if (Directory.Exists(Data))
            Directory.Delete(Data, recursive: true);
    }

    private async Task<bool> IsReady(CancellationToken ct)
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri("/ready", UriKind.Relative), ct);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task InPostgres(string sql, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(PostgresConnection.Parse(_settings.Postgres).ConnectionString);
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    private async Task RabbitMqCtl(string[] arguments, CancellationToken ct, bool mayFail = false)
    {
        await using var tool = ChildProcess.Start(_settings.RabbitMqCtl, arguments, null, log: null);
        if (await tool.End(ct) is var code && code != 0 && !mayFail)
            throw new InvalidOperationException($"rabbitmqctl {arguments[0]} ended with {code}.");
    }
}
