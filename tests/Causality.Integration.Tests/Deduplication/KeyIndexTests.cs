using System.Security.Cryptography;
using Causality.Sink.Deduplication;
using NUnit.Framework;

namespace Causality.Integration.Tests.Deduplication;

/// <summary>The index over the key log: it never misses a key, and seldom names a row that does not hold it.</summary>
[TestFixture]
internal sealed class KeyIndexTests
{
    private readonly Clock _clock = new();

    [Test]
    public void Every_key_is_found_in_its_row_and_others_hardly_ever_in_any()
    {
        var index = Index();
        var rows = Enumerable.Range(1, 60).Select(id => (Id: (long)id, Keys: Some(5_000))).ToList();
        foreach (var (id, keys) in rows)
            index.Add(id, keys);

        foreach (var (id, keys) in rows)
        {
            var found = index.Find(keys);
            Assert.That(keys.Where(k => !found.Contains((k, new KeyRow(id, keys.Length)))), Is.Empty);
        }
        Assert.That(index.Find(Some(300_000)), Has.Count.LessThan(100), "one in 15,000 for each full slice");
        Assert.That((index.Count, index.Last), Is.EqualTo((300_000, 60)));
    }

    [Test]
    public void A_row_is_found_however_many_keys_it_has_and_an_empty_one_counts_as_seen()
    {
        var index = Index();
        var many = Some(40_000);
        index.Add(3, many);
        index.Add(4, []);
        Assert.That(index.Find(many).Count(f => f.Row.Id == 3), Is.EqualTo(40_000));
        Assert.That(index.Last, Is.EqualTo(4));
    }

    [Test]
    public void More_rows_than_a_slice_can_name_go_to_the_next()
    {
        var index = Index();
        var rows = Enumerable.Range(1, KeySlice.MostRows + 500).Select(id => (Id: (long)id, Keys: Some(2))).ToList();
        foreach (var (id, keys) in rows)
            index.Add(id, keys);
        foreach (var (id, keys) in rows)
            Assert.That(index.Find(keys).Select(f => f.Row.Id), Has.Exactly(2).EqualTo(id));
    }

    [Test]
    public void Old_slices_go_when_their_last_row_is_gone()
    {
        var index = Index();
        for (var minute = 1; minute <= 20; minute++)
        {
            index.Add(minute, Some(100));
            _clock.Now += TimeSpan.FromMinutes(1);
        }
        Assert.That(index.Count, Is.EqualTo(2_000));
        index.DropBefore(11);
        Assert.That(index.Count, Is.EqualTo(1_000), "a slice holds five minutes");
        index.DropBefore(13);
        Assert.That(index.Count, Is.EqualTo(1_000), "as long as one of its rows is there");
        index.Clear();
        Assert.That((index.Count, index.Last), Is.EqualTo((0, 0)));
    }

    [Test]
    public void A_key_lies_in_its_neighborhood_and_where_it_does_not_that_is_told()
    {
        foreach (var size in new[] { 1, 2, 17, 300, 5_000, 60_000 })
        {
            var keys = Some(size);
            var outside = 0;
            for (var i = 0; i < size; i++)
            {
                var (at, length) = KeyBytes.Neighborhood(keys[i], size);
                Assert.That((at, length), Is.Not.EqualTo((0, 0)));
                if (i >= at && i < at + length)
                    continue;
                outside++;
                Assert.That(KeyBytes.IsBracketed(keys[i], keys[at..(at + length)], at, size), Is.False);
            }
            Assert.That(outside, Is.LessThanOrEqualTo(size / 1_000));
            foreach (var other in Some(100))
            {
                var (at, length) = KeyBytes.Neighborhood(other, size);
                if (KeyBytes.IsBracketed(other, keys[at..(at + length)], at, size))
                    Assert.That(~Array.BinarySearch(keys, other), Is.InRange(at, at + length));
            }
        }
    }

    [Test]
    public void Keys_are_read_as_they_were_written()
    {
        var keys = Some(100);
        Assert.That(KeyBytes.Read(KeyBytes.Of(keys)), Is.EqualTo(keys));
        Assert.That(Convert.ToHexStringLower(KeyBytes.Of([((UInt128)1 << 120) | 2])), Is.EqualTo("01000000000000000000000000000002"), "in the order in which PostgreSQL compares bytes");
    }

    private KeyIndex Index() => new(_clock, TimeSpan.FromMinutes(5));

    private static UInt128[] Some(int count)
    {
        var keys = KeyBytes.Read(RandomNumberGenerator.GetBytes(count * KeyBytes.Size));
        Array.Sort(keys);
        return keys;
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
