using Causality.Contracts.Events;
using Causality.Ingest.Publishing;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Publishing;

[TestFixture]
internal sealed class PublishedCountsTests
{
    [Test]
    public void What_changed_is_taken_as_a_total_and_only_once()
    {
        var counts = new PublishedCounts();
        counts.Add(counts.Run, [new AppHourCount("demo", 10, 3), new AppHourCount("shop", 10, 1)]);
        Assert.That(counts.TakeUnsaved(), Is.EquivalentTo(new[] { new PublishedTotal(counts.Run, "demo", 10, 3), new PublishedTotal(counts.Run, "shop", 10, 1) }));
        Assert.That(counts.TakeUnsaved(), Is.Empty);
        counts.Add(counts.Run, [new AppHourCount("demo", 10, 2)]);
        Assert.That(counts.TakeUnsaved(), Is.EqualTo(new[] { new PublishedTotal(counts.Run, "demo", 10, 5) }));
    }

    [Test]
    public void What_could_not_be_saved_is_taken_again_with_what_came_since()
    {
        var counts = new PublishedCounts();
        counts.Add(counts.Run, [new AppHourCount("demo", 10, 3)]);
        var taken = counts.TakeUnsaved();
        counts.Add(counts.Run, [new AppHourCount("demo", 10, 4)]);
        counts.Return(taken);
        Assert.That(counts.TakeUnsaved(), Is.EqualTo(new[] { new PublishedTotal(counts.Run, "demo", 10, 7) }));
    }

    [Test]
    public void An_old_hour_is_forgotten_only_when_it_is_saved()
    {
        var counts = new PublishedCounts();
        counts.Add(counts.Run, [new AppHourCount("demo", 10, 3)]);
        counts.ForgetBefore(12);
        Assert.That(counts.TakeUnsaved(), Is.EqualTo(new[] { new PublishedTotal(counts.Run, "demo", 10, 3) }));
        counts.ForgetBefore(12);
        counts.Add(counts.Run, [new AppHourCount("demo", 10, 1)]);
        Assert.That(counts.TakeUnsaved(), Is.EqualTo(new[] { new PublishedTotal(counts.Run, "demo", 10, 1) }), "the total of 3 is gone from memory");
    }
}
