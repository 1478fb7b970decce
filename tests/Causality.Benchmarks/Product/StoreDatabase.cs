using System.Security.Cryptography;
using Causality.EventStore;
using Causality.EventStore.Schema;
using Npgsql;

namespace Causality.Benchmarks.Product;

/// <summary>A database of its own with the event store's tables, removed after use.</summary>
internal sealed class StoreDatabase : IAsyncDisposable
{
    private readonly BenchSettings _settings;

    private StoreDatabase(BenchSettings settings)
    {
        _settings = settings;
        Address = PostgresConnection.Parse(settings.Postgres);
        Address.Database = $"bench_{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        Source = NpgsqlDataSource.Create(Address);
    }

    public NpgsqlConnectionStringBuilder Address { get; }

    public NpgsqlDataSource Source { get; }

    public static async Task<StoreDatabase> Create(BenchSettings settings, CancellationToken ct)
    {
        var database = new StoreDatabase(settings);
        await database.Administer($"create database {database.Address.Database}", ct);
        await new Migrator(database.Source, [EventStoreModule.Assembly]).Migrate(ct);
        return database;
    }

    public async Task<object?> Scalar(string sql, CancellationToken ct)
    {
        await using var command = Source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await Administer($"drop database if exists {Address.Database} with (force)", CancellationToken.None);
    }

    private async Task Administer(string sql, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(PostgresConnection.Parse(_settings.Postgres).ConnectionString);
        await connection.OpenAsync(ct);
#pragma warning disable CA2100 // the name is random hex
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }
}
