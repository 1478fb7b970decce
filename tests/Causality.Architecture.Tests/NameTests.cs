using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Causality.Architecture.Tests;

[TestFixture]
internal sealed partial class NameTests
{
    // a drawer with such a label takes anything; a folder is a noun of the product, a file one thing that it does
    private static readonly string[] Drawers = ["common", "core", "utils", "util", "helpers", "helper", "services", "managers", "manager", "misc"];

    [Test]
    public void No_folder_and_no_file_is_named_like_a_drawer()
    {
        string[] sources = [.. Repository.Sources(".cs"), .. Repository.Sources(".ts"), .. Repository.Sources(".tsx"), .. Repository.Sources(".sql")];

        Assert.That(sources, Is.Not.Empty);
        Assert.That(sources.Where(path => Words(path).Any(Drawers.Contains)), Is.Empty);
    }

    [Test]
    public void No_namespace_is_named_like_a_drawer()
    {
        var namespaces = Repository.Sources(".cs").SelectMany(path => Namespace().Matches(Repository.Read(path)).Select(match => match.Groups[1].Value)).Distinct().ToList();

        Assert.That(namespaces, Is.Not.Empty);
        Assert.That(namespaces.Where(name => Words(name).Any(Drawers.Contains)), Is.Empty);
    }

    [TestCase("Causality.Query/Utils/Dates.cs", true)]
    [TestCase("Causality.Query/Trends/TrendsHelpers.cs", true)]
    [TestCase("Causality.Web/app/src/shared/date-utils.ts", true)]
    [TestCase("Causality.Query/Trends/Score.cs", false)]
    public void A_drawer_is_recognized_by_whole_words(string path, bool isDrawer) => Assert.That(Words(path).Any(Drawers.Contains), Is.EqualTo(isDrawer));

    private static IEnumerable<string> Words(string path) => Word().Matches(path).Select(word => word.Value.ToLowerInvariant());

    [GeneratedRegex("[A-Z]?[a-z]+|[A-Z]+(?![a-z])")]
    private static partial Regex Word();

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
