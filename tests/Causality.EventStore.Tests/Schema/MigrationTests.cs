using Causality.EventStore.Schema;
using NUnit.Framework;

namespace Causality.EventStore.Tests.Schema;

[TestFixture]
internal sealed class MigrationTests
{
    private static readonly Migration First = new("Sink", 1, "ledger", "create table a ();");
    private static readonly Migration Second = new("Sink", 2, "inbox", "create table b ();");
    private static readonly Migration Other = new("Web", 1, "people", "create table c ();");

    [Test]
    public void Files_are_taken_in_order_of_their_number()
    {
        var migrations = Migration.InOrder("Sink", [("Sink.Schema.002_inbox.sql", "b"), ("Sink.Schema.001_ledger.sql", "a")]);
        Assert.That(migrations.Select(m => m.ToString()), Is.EqualTo(new[] { "Sink 001_ledger", "Sink 002_inbox" }));
    }

    [Test]
    public void A_gap_or_a_number_given_twice_is_refused()
    {
        Assert.That(() => Migration.InOrder("Sink", [("Sink.Schema.001_a.sql", ""), ("Sink.Schema.003_c.sql", "")]), Throws.TypeOf<MigrationException>().With.Message.Contains("003_c"));
        Assert.That(() => Migration.InOrder("Sink", [("Sink.Schema.001_a.sql", ""), ("Sink.Schema.001_b.sql", "")]), Throws.TypeOf<MigrationException>());
    }

    [Test]
    public void A_file_with_another_name_is_refused_and_not_passed_over() =>
        Assert.That(() => Migration.InOrder("Sink", [("Sink.Schema.ledger.sql", "")]), Throws.TypeOf<MigrationException>().With.Message.Contains("ledger.sql"));

    [Test]
    public void An_assembly_without_migrations_has_none() => Assert.That(Migration.Of(typeof(MigrationTests).Assembly), Is.Empty);

    [Test]
    public void Line_endings_do_not_change_a_checksum()
    {
        Assert.That(new Migration("Sink", 1, "a", "x\r\ny").Checksum, Is.EqualTo(new Migration("Sink", 1, "a", "x\ny").Checksum));
        Assert.That(new Migration("Sink", 1, "a", "x\nz").Checksum, Is.Not.EqualTo(new Migration("Sink", 1, "a", "x\ny").Checksum));
    }

    [Test]
    public void What_the_database_does_not_have_is_pending() =>
        Assert.That(Migrator.Pending([First, Second, Other], [Applied(First)]), Is.EqualTo(new[] { Second, Other }));

    [Test]
    public void Nothing_is_pending_when_all_is_applied() =>
        Assert.That(Migrator.Pending([First, Other], [Applied(First), Applied(Other)]), Is.Empty);

    [Test]
    public void A_migration_that_changed_after_it_was_applied_is_refused_by_name() =>
        Assert.That(() => Migrator.Pending([First with { Sql = "create table a (id int);" }], [Applied(First)]),
            Throws.TypeOf<MigrationException>().With.Message.Contains("Sink 001_ledger"));

    [Test]
    public void A_database_newer_than_the_program_is_refused_by_name() =>
        Assert.That(() => Migrator.Pending([First], [Applied(First), Applied(Second)]), Throws.TypeOf<MigrationException>().With.Message.Contains("Sink 002_inbox"));

    [Test]
    public void Modules_that_the_program_does_not_carry_are_left_alone() =>
        Assert.That(Migrator.Pending([First], [Applied(First), Applied(Other)]), Is.Empty);

    private static AppliedMigration Applied(Migration m) => new(m.Module, m.Number, m.Name, m.Checksum);
}
