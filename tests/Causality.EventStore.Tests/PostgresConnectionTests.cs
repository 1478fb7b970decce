using NUnit.Framework;

namespace Causality.EventStore.Tests;

[TestFixture]
internal sealed class PostgresConnectionTests
{
    [Test]
    public void A_uri_is_read_with_its_escapes_and_parameters()
    {
        var connection = PostgresConnection.Parse("postgres://causality:p%40ss%3Aword@db.example:6543/event%20store?sslmode=require&application_name=x");
        Assert.That(connection.Host, Is.EqualTo("db.example"));
        Assert.That(connection.Port, Is.EqualTo(6543));
        Assert.That(connection.Username, Is.EqualTo("causality"));
        Assert.That(connection.Password, Is.EqualTo("p@ss:word"));
        Assert.That(connection.Database, Is.EqualTo("event store"));
        Assert.That(connection.SslMode, Is.EqualTo(Npgsql.SslMode.Require));
        Assert.That(connection.ApplicationName, Is.EqualTo("x"));
    }

    [Test]
    public void What_a_uri_leaves_out_has_the_usual_value()
    {
        var connection = PostgresConnection.Parse("postgresql://localhost");
        Assert.That((connection.Port, connection.Username, connection.Password, connection.Database), Is.EqualTo((5432, (string?)null, (string?)null, (string?)null)));
    }

    [Test]
    public void An_npgsql_string_passes_as_it_is_and_prepares_its_statements() =>
        Assert.That(PostgresConnection.Parse("Host=db;Port=1;Username=u").ConnectionString, Is.EqualTo("Host=db;Port=1;Username=u;Max Auto Prepare=100"));

    [TestCase("Host=db;Max Auto Prepare=0")]
    [TestCase("postgres://db?Max%20Auto%20Prepare=0")]
    public void Who_wants_no_prepared_statements_has_none(string text) => Assert.That(PostgresConnection.Parse(text).MaxAutoPrepare, Is.Zero);

    [TestCase("postgres://u:secret@host:notaport/db")]
    [TestCase("postgres://u:secret@host/db?nonsense=1")]
    [TestCase("Nonsense=1;Password=secret")]
    public void What_cannot_be_read_is_refused_without_telling_the_password(string text) =>
        Assert.That(() => PostgresConnection.Parse(text), Throws.TypeOf<FormatException>().With.Message.Not.Contains("secret"));
}
