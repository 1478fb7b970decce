using Causality.Lake.Compaction;
using Causality.Sink.Compaction;
using Causality.Sink.Jobs;
using Causality.Sink.Retention;
using NUnit.Framework;

namespace Causality.Integration.Tests.Jobs;

/// <summary>What a run tells in the history is a sentence that somebody could have said.</summary>
[TestFixture]
internal sealed class JobSummaryTests
{
    [TestCase(0, ExpectedResult = "0 files")]
    [TestCase(1, ExpectedResult = "1 file")]
    [TestCase(1_200, ExpectedResult = "1,200 files")]
    public string A_noun_agrees_with_its_number(long number) => Counted.Of(number, "file");

    [TestCase(0, 0, 0, 0, false, ExpectedResult = "Nothing to merge.")]
    [TestCase(0, 0, 0, 0, true, ExpectedResult = "Nothing to merge.")]
    [TestCase(12, 3, 1_200, 0, false, ExpectedResult = "Merged 12 files into 3, with 1,200 rows.")]
    [TestCase(2, 1, 8, 1, false, ExpectedResult = "Merged 2 files into 1, with 8 rows, and removed 1 duplicate.")]
    [TestCase(1, 1, 8, 0, false, ExpectedResult = "Wrote 1 file anew, with 8 rows.")]
    [TestCase(2, 1, 8, 0, true, ExpectedResult = "Would merge 2 files of 1 hour, with 8 rows.")]
    public string Compaction_tells_what_it_merged(int files, int written, long rows, long removed, bool dryRun) =>
        CompactFiles.Summary(new Merged(files, rows, removed, 0, 0), written, dryRun);

    [TestCase(0, 0, 0, false, ExpectedResult = "Nothing is older than its app keeps it.")]
    [TestCase(1_200, 3, 1, false, ExpectedResult = "Removed 1,200 events in 3 files of 1 app.")]
    [TestCase(1, 1, 1, true, ExpectedResult = "Would remove 1 event in 1 file of 1 app.")]
    public string Retention_tells_what_it_removed(long rows, long files, long apps, bool dryRun) => ExpireEvents.Summary(rows, files, apps, dryRun);

    [TestCase(0, 0, 0, 0, ExpectedResult = "The lake is empty, as ledger and books say.")]
    [TestCase(1, 1, 1, 0, ExpectedResult = "1 file with 1 row of 1 app: all as ledger and books say.")]
    [TestCase(0, 0, 1, 1, ExpectedResult = "1 difference: It differs.")]
    [TestCase(9, 9, 2, 11, ExpectedResult = "11 differences: It differs. It differs. It differs. It differs. It differs. It differs. It differs. It differs. It differs. It differs. The log has them all.")]
    public string The_check_tells_what_it_compared(long files, long rows, int apps, int differences) =>
        CheckLedger.Summary(files, rows, apps, [.. Enumerable.Repeat("It differs.", differences)]);
}
