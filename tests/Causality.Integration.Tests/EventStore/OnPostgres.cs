using System.Globalization;
using Causality.EventStore;
using Causality.EventStore.Schema;
using Causality.EventStore.Streams;
using Causality.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NUnit.Framework;

namespace Causality.Integration.Tests.EventStore;

/// <summary>A fixture with a database of its own that has the event store's tables, and nothing else.</summary>
internal abstract class OnPostgres
{
    private readonly string _name = $"store_{Guid.CreateVersion7():N}";
    private readonly List<StoreHost> _hosts = [];

    protected static CancellationToken Ct => TestContext.CurrentContext.CancellationToken;

    protected static FactOrigin Tester { get; } = new("tester");

    protected NpgsqlDataSource Database { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task CreateDatabase()
    {
        await TestServers.CreateDatabase(_name);
        Database = NpgsqlDataSource.Create(Address());
        await new Migrator(Database, [EventStoreModule.Assembly]).Migrate(Ct);
    }

    [TearDown]
    public async Task EndHosts()
    {
        foreach (var host in _hosts)
            await host.DisposeAsync();
        _hosts.Clear();
    }

    [OneTimeTearDown]
    public async Task DropDatabase()
    {
        await Database.DisposeAsync();
        await TestServers.DropDatabase(_name);
    }

    /// <summary>The event store as a program has it, with what <paramref name="also"/> adds; its projections run until the test ends.</summary>
    protected async Task<StoreHost> Start(Action<IServiceCollection> also, string name = "host")
    {
        var host = new StoreHost(Address(name), also);
        _hosts.Add(host);
        await host.Start();
        return host;
    }

    protected async Task<long> Count(string sql) => Convert.ToInt64(await Scalar(sql), CultureInfo.InvariantCulture);

    protected async Task<object?> Scalar(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Ct);
    }

    private string Address(string application = "tests") => new NpgsqlConnectionStringBuilder(TestServers.Postgres(_name)) { ApplicationName = application }.ConnectionString;
}
