using Causality.Contracts.Events;
using Causality.Sink.DeadLetters;
using NUnit.Framework;

namespace Causality.Integration.Tests.DeadLetters;

internal sealed class DeadLetterBookingTests
{
    private static readonly EventCounts Claim = new(Guid.NewGuid(), [new("shop", 1, 3), new("shop", 2, 4), new("blog", 1, 1)]);

    [Test]
    public void The_difference_is_what_each_app_and_hour_has_lost()
    {
        var before = DeadLetter.Booked(Claim, 8);
        var after = DeadLetter.Booked(Claim with { Rows = [new("shop", 1, 1), new("shop", 2, 4), new("blog", 1, 1)] }, 6);

        Assert.That(DeadLetter.Difference(before, after), Is.EqualTo(new[] { new AppHourCount("shop", 1, 2) }));
        Assert.That(DeadLetter.Difference(before, before), Is.Empty);
    }

    [Test]
    public void A_letter_of_which_nothing_is_left_loses_all_that_was_booked()
    {
        Assert.That(DeadLetter.Difference(DeadLetter.Booked(Claim, 8), DeadLetter.Booked(Claim, 0)), Is.EqualTo(Claim.Rows));
        Assert.That(DeadLetter.Difference(DeadLetter.Booked(EventCounts.None, 1), DeadLetter.Booked(EventCounts.None, 0)), Is.EqualTo(new[] { new AppHourCount("", 0, 1) }));
    }

    [Test]
    public void What_was_never_booked_is_not_lost()
    {
        // of eight that it claims the letter holds two: the books have them in the first hour
        Assert.That(DeadLetter.Difference(DeadLetter.Booked(Claim, 2), DeadLetter.Booked(Claim with { Rows = [new("shop", 1, 3), new("shop", 2, 0), new("blog", 1, 1)] }, 1)),
            Is.EqualTo(new[] { new AppHourCount("shop", 1, 1) }));
    }
}
