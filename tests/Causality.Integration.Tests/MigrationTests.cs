using Causality.EventStore.Schema;
using Causality.Host;
using Npgsql;
using NUnit.Framework;

namespace Causality.Integration.Tests;

/// <summary>The database is brought up to date by whichever host comes first, once.</summary>
[TestFixture]
internal sealed class MigrationTests : OnRealServers
{
    [Test, Order(1)]
    public async Task Several_hosts_that_start_at_once_apply_each_migration_once()
    {
        var expected = Commands.Modules.SelectMany(Migration.Of).Select(m => m.ToString()).ToList();
        var sources = Enumerable.Range(0, 4).Select(_ => NpgsqlDataSource.Create(World.Postgres)).ToList();

        var applied = await Task.WhenAll(sources.Select(source => new Migrator(source, Commands.Modules).Migrate(CancellationToken.None)));

        foreach (var source in sources)
            await source.DisposeAsync();
        Assert.That(applied.SelectMany(a => a).Select(m => m.ToString()), Is.EquivalentTo(expected));
        Assert.That(await World.Count("select count(*) from schema_migrations"), Is.EqualTo(expected.Count));
    }

    [Test, Order(2)]
    public async Task What_is_up_to_date_is_left_alone()
    {
        var migrator = new Migrator(World.Database, Commands.Modules);
        Assert.That(await migrator.Migrate(CancellationToken.None), Is.Empty);
        Assert.That(await migrator.Check(CancellationToken.None), Is.Empty);
    }

    [Test, Order(3)]
    public async Task A_migration_that_changed_after_it_was_applied_is_refused_and_so_is_the_host()
    {
        await World.Execute("update schema_migrations set checksum = 'another' where module = 'Causality.Sink' and number = 1");
        Assert.That(() => new Migrator(World.Database, Commands.Modules).Migrate(CancellationToken.None), Throws.TypeOf<MigrationException>().With.Message.Contains("Causality.Sink 001_sink"));
        Assert.That(() => World.Start(), Throws.TypeOf<MigrationException>());
    }

    [Test]
    public async Task Nothing_is_left_of_a_migration_that_fails()
    {
        await using var world = await World.Open();
        await world.Execute("create table event_catalog ()");
        Assert.That(() => new Migrator(world.Database, Commands.Modules).Migrate(CancellationToken.None), Throws.TypeOf<MigrationException>().With.Message.Contains("001_ledger"));
        Assert.That(await world.Scalar("select to_regclass('lake_files')::text"), Is.EqualTo(DBNull.Value));
        await world.Execute("drop table event_catalog");
        Assert.That(await new Migrator(world.Database, Commands.Modules).Migrate(CancellationToken.None), Is.Not.Empty);
    }
}
