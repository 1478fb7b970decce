using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Causality.Contracts.Events;
using Causality.EventStore.Outbox;
using Causality.Ingest;
using Causality.Lake.Files.S3;
using Causality.Query;
using Causality.Sink;
using Causality.Sink.Jobs;
using Causality.Web.Accounts;
using Causality.Web.Accounts.Oidc;
using Causality.Web.Mail;
using NUnit.Framework;

namespace Causality.Architecture.Tests;

/// <summary>Holds docs/reference to the code, so that what it promises stays true.</summary>
[TestFixture]
internal sealed partial class ReferenceTests
{
    private static readonly string Configuration = Repository.Read("docs/reference/configuration.md");

    [Test]
    public void Every_setting_of_the_modules_is_documented_with_its_default_and_no_other_is()
    {
        string[] settings = [.. Settings("CAUSALITY_INGEST", new IngestOptions()), .. Settings("CAUSALITY_SINK", new SinkOptions()), .. Settings("CAUSALITY_QUERY", new QueryOptions()),
            .. Settings("CAUSALITY_ACCOUNTS", new AccountsOptions()), .. Settings("CAUSALITY_OIDC", new OidcOptions()), .. Settings("CAUSALITY_SMTP", new SmtpOptions()),
            .. Settings("CAUSALITY_OUTBOX", new OutboxOptions()), .. Settings("CAUSALITY_JOBS", new JobsOptions()), .. Settings("CAUSALITY_S3", new S3Options())];
        var documented = SettingRow().Matches(Configuration).Select(row => $"{row.Groups["name"].Value} = {row.Groups["otherwise"].Value}");

        Assert.That(documented, Is.EquivalentTo(settings));
    }

    [Test]
    public void Every_variable_that_the_code_names_is_documented()
    {
        var named = Repository.Sources(".cs").SelectMany(path => Variable().Matches(Repository.Read(path)).Select(match => match.Value)).Distinct().ToList();

        Assert.That(named, Does.Contain("CAUSALITY_POSTGRES").And.Contain("CAUSALITY_DUCKDB"));
        Assert.That(named.Where(name => !Configuration.Contains($"`{name}`", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void The_table_of_events_lists_the_columns_of_the_lake_in_their_order()
    {
        var documented = ColumnRow().Matches(Section(Repository.Read("docs/reference/events-table.md"), "## Columns"))
            .Select(row => $"{row.Groups["name"].Value} {row.Groups["type"].Value}");

        Assert.That(documented, Is.EqualTo(EventColumns.All.Select(column => $"{column.Name} {SqlType(column.Kind)}")));
    }

    private static IEnumerable<string> Settings(string prefix, object options) => options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.CanWrite)
        .SelectMany(property =>
        {
            var name = $"{prefix}__{property.Name.ToUpperInvariant()}";
            var value = property.GetValue(options)!;
            return !value.GetType().IsEnum && value.GetType().Namespace!.StartsWith("Causality", StringComparison.Ordinal)
                ? Settings(name, value)
                : [string.Create(CultureInfo.InvariantCulture, $"{name} = {value}")];
        });

    private static string SqlType(ColumnKind kind) => kind switch
    {
        ColumnKind.Integer => "integer",
        ColumnKind.BigInteger => "bigint",
        ColumnKind.Flag => "boolean",
        _ => "varchar",
    };

    private static string Section(string page, string heading)
    {
        var from = page.IndexOf($"{heading}\n", StringComparison.Ordinal);
        Assert.That(from, Is.Not.Negative, $"there is no section {heading}");
        var to = page.IndexOf("\n## ", from + heading.Length, StringComparison.Ordinal);
        return to < 0 ? page[from..] : page[from..to];
    }

    [GeneratedRegex(@"^\| `(?<name>CAUSALITY_[A-Z0-9]+__[A-Z_]+)` \| (`(?<otherwise>[^`]*)`|none) \|", RegexOptions.Multiline)]
    private static partial Regex SettingRow();

    // not what ends in an underscore: a section's name, of which the settings are checked above
    [GeneratedRegex("(?>CAUSALITY_[A-Z0-9]+(_+[A-Z0-9]+)*)(?!_)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^\| `(?<name>\w+)` \| (?<type>\w+) \|", RegexOptions.Multiline)]
    private static partial Regex ColumnRow();
}
