using Causality.Ingest.Limits;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Limits;

[TestFixture]
internal sealed class TokenBucketTests
{
    private readonly TestClock _clock = new();

    [Test]
    public void The_burst_is_there_at_once_and_then_the_rate()
    {
        var bucket = new TokenBucket(10, 20, _clock);
        Assert.That(bucket.TryTake(20, out _));
        Assert.That(bucket.TryTake(1, out var wait), Is.False);
        Assert.That(wait, Is.EqualTo(TimeSpan.FromSeconds(0.1)));
        _clock.PassSeconds(1);
        Assert.That(bucket.TryTake(10, out _));
        Assert.That(bucket.TryTake(1, out _), Is.False);
    }

    [Test]
    public void A_batch_is_taken_whole_or_not_at_all()
    {
        var bucket = new TokenBucket(10, 20, _clock);
        bucket.TryTake(15, out _);
        Assert.That(bucket.TryTake(6, out _), Is.False);
        Assert.That(bucket.TryTake(5, out _), "the refused batch took nothing");
    }

    [Test]
    public void A_batch_above_the_burst_goes_when_the_bucket_is_full_and_is_paid_off_after()
    {
        var bucket = new TokenBucket(10, 20, _clock);
        Assert.That(bucket.TryTake(50, out _));
        _clock.PassSeconds(2.9);
        Assert.That(bucket.TryTake(1, out _), Is.False, "30 are owed, 29 are paid");
        _clock.PassSeconds(0.2);
        Assert.That(bucket.TryTake(1, out _));
        Assert.That(bucket.TryTake(50, out var wait), Is.False);
        Assert.That(wait, Is.EqualTo(TimeSpan.FromSeconds(2)).Within(TimeSpan.FromMilliseconds(1)), "until the bucket is full");
    }

    [Test]
    public void A_quiet_hour_saves_no_more_than_the_burst()
    {
        var bucket = new TokenBucket(10, 20, _clock);
        bucket.TryTake(20, out _);
        _clock.Pass(TimeSpan.FromHours(1));
        Assert.That(bucket.IsFull);
        Assert.That(bucket.TryTake(20, out _));
        Assert.That(bucket.TryTake(1, out _), Is.False);
    }

    [Test]
    public void Many_threads_get_no_more_than_there_is()
    {
        var bucket = new TokenBucket(1, 1000, _clock);
        var taken = 0;
        Parallel.For(0, 3000, _ =>
        {
            if (bucket.TryTake(1, out TimeSpan _))
                Interlocked.Increment(ref taken);
        });
        Assert.That(taken, Is.EqualTo(1000));
    }
}
