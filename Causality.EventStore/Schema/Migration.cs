using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Causality.EventStore.Schema;

/// <summary>
/// One numbered SQL file of a module. A module is an assembly that embeds <c>Schema/NNN_name.sql</c>
/// (<c>&lt;EmbeddedResource Include="Schema/*.sql" /&gt;</c>), numbers from 001 without a gap. A file that was released never changes.
/// </summary>
public sealed partial record Migration(string Module, int Number, string Name, string Sql)
{
    /// <summary>SHA-256 of the text, in hex; line endings do not count.</summary>
    public string Checksum => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Module} {Number:000}_{Name}");

    /// <summary>The module's migrations, in order.</summary>
    public static IReadOnlyList<Migration> Of(Assembly module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var name = module.GetName().Name!;
        return InOrder(name, module.GetManifestResourceNames()
            .Where(resource => resource.EndsWith(".sql", StringComparison.Ordinal) && resource.Contains(".Schema.", StringComparison.Ordinal))
            .Select(resource => (resource, Text(module, resource))));
    }

    internal static IReadOnlyList<Migration> InOrder(string module, IEnumerable<(string Resource, string Sql)> files)
    {
        var migrations = files.Select(file => FileName().Match(file.Resource) is { Success: true } match
                ? new Migration(module, int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture), match.Groups["name"].Value, file.Sql)
                : throw new MigrationException($"The migration {file.Resource} is not named Schema/NNN_name.sql."))
            .OrderBy(migration => migration.Number).ToList();
        for (var i = 0; i < migrations.Count; i++)
            if (migrations[i].Number != i + 1)
                throw new MigrationException($"The migrations of {module} do not count 001, 002, 003: {migrations[i]} stands where {i + 1:000} should.");
        return migrations;
    }

    private static string Text(Assembly module, string resource)
    {
        using var reader = new StreamReader(module.GetManifestResourceStream(resource)!, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\.Schema\.(?<number>\d{3})_(?<name>[a-z0-9_]+)\.sql$", RegexOptions.CultureInvariant)]
    private static partial Regex FileName();
}

/// <summary>The database cannot be brought to, or is not at, what this program expects; the message says which migration and why.</summary>
public sealed class MigrationException(string message, Exception? inner = null) : Exception(message, inner);
