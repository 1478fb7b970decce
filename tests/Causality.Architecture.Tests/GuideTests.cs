using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Causality.Architecture.Tests;

/// <summary>Code that a guide shows from a file is what the file says, which compiles and is tested.</summary>
[TestFixture]
internal sealed partial class GuideTests
{
    [Test]
    public void What_a_guide_shows_of_a_file_is_what_the_file_says()
    {
        var shown = Repository.Files(".md").Where(page => page.StartsWith("docs/guides/", StringComparison.Ordinal)).SelectMany(guide => Shown().Matches(Repository.Read(guide))).ToList();

        Assert.That(shown, Is.Not.Empty);
        foreach (var block in shown)
            Assert.That(block.Groups["code"].Value.TrimEnd(), Is.EqualTo(Repository.Read(block.Groups["path"].Value).TrimEnd()), block.Groups["path"].Value);
    }

    // a block whose first line names a file of the repository
    [GeneratedRegex(@"^```csharp\n// (?<path>[\w./]+\.cs)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Shown();
}
