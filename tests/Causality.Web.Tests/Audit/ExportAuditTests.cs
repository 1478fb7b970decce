using Causality.Web.Audit;
using NUnit.Framework;

namespace Causality.Web.Tests.Audit;

[TestFixture]
internal sealed class ExportAuditTests
{
    [TestCase(null, "")]
    [TestCase("plain", "plain")]
    [TestCase("a,b", "\"a,b\"")]
    [TestCase("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [TestCase("two\r\nlines", "\"two\r\nlines\"")]
    [TestCase("=1+1", "'=1+1")]
    [TestCase("@SUM(A1,A2)", "\"'@SUM(A1,A2)\"")]
    [TestCase("-2", "'-2")]
    public void A_cell_is_text_for_every_reader(string? value, string cell) => Assert.That(ExportAudit.Cell(value), Is.EqualTo(cell));
}
