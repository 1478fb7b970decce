using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Causality.Architecture.Tests.Guides;

[TestFixture]
internal sealed partial class OutboxGuideTests
{
    [Test]
    public void Every_piece_of_code_in_the_guide_is_compiled()
    {
        var compiled = Unindented(Repository.Read("tests/Causality.Architecture.Tests/Guides/OutboxAndSagas.cs"));
        var pieces = Code().Matches(Repository.Read("docs/guides/outbox-and-sagas.md")).Select(match => Unindented(match.Groups[1].Value)).ToList();

        Assert.That(pieces, Has.Count.EqualTo(4));
        foreach (var piece in pieces)
            Assert.That(compiled, Does.Contain(piece));
    }

    private static string Unindented(string code) => string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();
}
