using System.Reflection;
using Npgsql;

namespace Causality.EventStore.Schema;

/// <summary>
/// Brings the database to what the program expects: each module's migrations in order, each in a transaction of its own, one migrator at a
/// time. A migration that failed left nothing behind; run it again after the cause is gone.
/// </summary>
public sealed class Migrator(NpgsqlDataSource database, IEnumerable<Assembly> modules)
{
    // any number will do, as long as every version of the program takes the same
    private const long Lock = 0x4361_7573_616C_0001;

    private readonly List<Migration> _migrations = [.. modules.SelectMany(Migration.Of)];

    /// <summary>Applies what is pending and answers it. Throws <see cref="MigrationException"/>.</summary>
    public async Task<IReadOnlyList<Migration>> Migrate(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await Run(connection, $"select pg_advisory_lock({Lock})", ct);
        try
        {
            await Run(connection,
                """
                create table if not exists schema_migrations (
                    module text not null,
                    number int not null,
                    name text not null,
                    checksum text not null,
                    applied_at timestamptz not null default now(),
                    primary key (module, number)
                )
                """, ct);
            var pending = Pending(_migrations, await Applied(connection, ct));
            foreach (var migration in pending)
                await Apply(connection, migration, ct);
            return pending;
        }
        finally
        {
            // the pool would keep the session, and with it the lock
            await Run(connection, $"select pg_advisory_unlock({Lock})", CancellationToken.None);
        }
    }

    /// <summary>What <see cref="Migrate"/> would apply; changes nothing. Throws <see cref="MigrationException"/> where it would refuse.</summary>
    public async Task<IReadOnlyList<Migration>> Check(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var exists = new NpgsqlCommand("select to_regclass('schema_migrations') is not null", connection);
        return Pending(_migrations, await exists.ExecuteScalarAsync(ct) is true ? await Applied(connection, ct) : []);
    }

    /// <summary>Compares what the program carries with what the database has. Modules that the program does not carry are not its business.</summary>
    internal static IReadOnlyList<Migration> Pending(IReadOnlyList<Migration> carried, IReadOnlyList<AppliedMigration> applied)
    {
        var known = carried.ToDictionary(migration => (migration.Module, migration.Number));
        var modules = carried.Select(migration => migration.Module).ToHashSet(StringComparer.Ordinal);
        foreach (var row in applied.Where(row => modules.Contains(row.Module)))
        {
            if (!known.Remove((row.Module, row.Number), out var migration))
                throw new MigrationException($"The database is newer than this program: it has {row.Module} {row.Number:000}_{row.Name}. Run the version that brought it, or a later one.");
            if (migration.Checksum != row.Checksum)
                throw new MigrationException($"The migration {migration} is not the one that was applied to the database. A released migration must not change; put the change into a new one.");
        }
        return [.. carried.Where(migration => known.ContainsKey((migration.Module, migration.Number)))];
    }

    private static async Task<IReadOnlyList<AppliedMigration>> Applied(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select module, number, name, checksum from schema_migrations order by module, number", connection);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var applied = new List<AppliedMigration>();
        while (await rows.ReadAsync(ct))
            applied.Add(new AppliedMigration(rows.GetString(0), rows.GetInt32(1), rows.GetString(2), rows.GetString(3)));
        return applied;
    }

    private static async Task Apply(NpgsqlConnection connection, Migration migration, CancellationToken ct)
    {
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await Run(connection, migration.Sql, ct);
            await using var record = new NpgsqlCommand("insert into schema_migrations (module, number, name, checksum) values ($1, $2, $3, $4)", connection)
            {
                Parameters = { new() { Value = migration.Module }, new() { Value = migration.Number }, new() { Value = migration.Name }, new() { Value = migration.Checksum } },
            };
            await record.ExecuteNonQueryAsync(ct);
            await transaction.CommitAsync(ct);
        }
        catch (PostgresException e)
        {
            throw new MigrationException($"The migration {migration} failed: {e.MessageText}", e);
        }
    }

    private static async Task Run(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
#pragma warning disable CA2100 // the text is the program's own: a constant or an embedded file
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }
}

internal sealed record AppliedMigration(string Module, int Number, string Name, string Checksum);
