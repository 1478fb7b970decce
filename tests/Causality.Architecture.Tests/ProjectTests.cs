using System.Text.RegularExpressions;
using System.Xml.Linq;
using NUnit.Framework;

namespace Causality.Architecture.Tests;

[TestFixture]
internal sealed partial class ProjectTests
{
    /// <summary>Which project references which. A change here is a change of the architecture: ARCHITECTURE.md shows the same.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Causality.Contracts"] = [],
        ["Causality.EventStore"] = [],
        ["Causality.Lake"] = ["Causality.Contracts"],
        ["Causality.Http"] = ["Causality.Contracts", "Causality.EventStore"],
        ["Causality.Ingest"] = ["Causality.Contracts", "Causality.EventStore", "Causality.Http"],
        ["Causality.Sink"] = ["Causality.Contracts", "Causality.EventStore", "Causality.Http", "Causality.Lake"],
        ["Causality.Query"] = ["Causality.Contracts", "Causality.EventStore", "Causality.Http", "Causality.Lake"],
        ["Causality.Web"] = ["Causality.Contracts", "Causality.EventStore", "Causality.Http"],
        ["Causality.Host"] =
        [
            "Causality.Contracts", "Causality.EventStore", "Causality.Http", "Causality.Ingest", "Causality.Lake", "Causality.Query", "Causality.Sink",
            "Causality.Web",
        ],
    };

    private static readonly IReadOnlyList<string> All = Repository.Files(".csproj");
    private static readonly IReadOnlyList<string> Product = Repository.Sources(".csproj");

    [Test]
    public void Every_project_of_the_product_is_in_the_table_and_the_other_way_round() =>
        Assert.That(Product.Select(Name), Is.EquivalentTo(Allowed.Keys));

    [TestCaseSource(nameof(Product))]
    public void A_project_references_what_the_table_says_and_nothing_else(string project) =>
        Assert.That(References(project).Select(Name), Is.EquivalentTo(Allowed[Name(project)]));

    [Test]
    public void The_architecture_page_shows_the_same_table()
    {
        var shown = Row().Matches(Repository.Read("ARCHITECTURE.md"))
            .ToDictionary(row => row.Groups["project"].Value, row => References(row.Groups["references"].Value, row.Groups["project"].Value));

        Assert.That(shown.Keys, Is.EquivalentTo(Allowed.Keys));
        foreach (var (project, references) in Allowed)
            Assert.That(shown[project], Is.EquivalentTo(references), project);
    }

    [TestCaseSource(nameof(All))]
    public void A_project_references_only_projects_of_this_repository(string project)
    {
        foreach (var reference in References(project))
            Assert.That(All, Does.Contain(reference), $"{project} references {reference}");
    }

    [TestCaseSource(nameof(All))]
    public void Versions_of_packages_stand_in_one_place(string project)
    {
        var own = Xml(project).Descendants().Where(e => e.Name.LocalName is "PackageVersion"
            || (e.Name.LocalName is "PackageReference" && (e.Attribute("Version") ?? e.Attribute("VersionOverride")) is not null)
            || (e.Name.LocalName is "Version" or "VersionOverride" && e.Parent!.Name.LocalName is "PackageReference"));

        Assert.That(own, Is.Empty);
    }

    private static string Name(string project) => Path.GetFileNameWithoutExtension(project);

    private static XDocument Xml(string project) => XDocument.Parse(Repository.Read(project));

    private static IEnumerable<string> References(string project)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, project))!;
        return Xml(project).Descendants("ProjectReference")
            .Select(e => Path.GetFullPath(Path.Combine(folder, e.Attribute("Include")!.Value.Replace('\\', '/'))))
            .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'));
    }

    private static string[] References(string cell, string project) => cell switch
    {
        "nothing of ours" => [],
        "everything" => [.. Allowed.Keys.Where(name => name != project)],
        _ => [.. cell.Split(", ").Select(name => $"Causality.{name}")],
    };

    [GeneratedRegex(@"^\| `(?<project>Causality\.\w+)` \|[^|\n]*\| (?<references>[^|\n]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
