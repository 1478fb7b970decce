using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Causality.Architecture.Tests;

[TestFixture]
internal sealed partial class LinkTests
{
    private static readonly IReadOnlyList<string> Pages = Repository.Files(".md");

    [TestCaseSource(nameof(Pages))]
    public void What_a_page_links_to_exists(string page)
    {
        var folder = Path.GetDirectoryName(page)!;
        foreach (Match link in Link().Matches(Repository.Read(page)))
        {
            var parts = link.Groups[1].Value.Split('#', 2);
            if (parts[0].Contains("://", StringComparison.Ordinal))
                continue;
            var target = parts[0].Length == 0 ? page : Path.Combine(folder, parts[0]);
            Assert.That(Path.Exists(Path.Combine(Repository.Root, target)), $"{page} links to {parts[0]}, which does not exist");
            if (parts is [_, var anchor])
                Assert.That(Anchors(target), Does.Contain(anchor), $"{page} links to a heading that {target} does not have");
        }
    }

    [Test]
    public void Every_page_of_the_documentation_can_be_reached_from_the_first()
    {
        var reached = new HashSet<string>();
        Follow("README.md");
        Assert.That(Pages.Where(page => !reached.Contains(page)), Is.Empty);

        void Follow(string page)
        {
            if (!reached.Add(page) || !page.EndsWith(".md", StringComparison.Ordinal))
                return;
            foreach (Match link in Link().Matches(Repository.Read(page)))
                if (link.Groups[1].Value.Split('#')[0] is { Length: > 0 } target && !target.Contains("://", StringComparison.Ordinal) && target.EndsWith(".md", StringComparison.Ordinal))
                    Follow(Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(page)!, target))).Replace('\\', '/'));
        }
    }

    // as GitHub makes them: lower case, blanks to hyphens, everything else but letters, digits, hyphens and underscores dropped
    private static IEnumerable<string> Anchors(string page) => Heading().Matches(Repository.Read(page))
        .Select(heading => NotInAnchor().Replace(heading.Groups[1].Value.Trim().ToLowerInvariant().Replace(' ', '-'), ""));

    // links to pages, folders and files, and the pictures that a page shows
    [GeneratedRegex(@"\[[^\]\n]+\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w-]")]
    private static partial Regex NotInAnchor();
}
