using Causality.Contracts.Events;
using Causality.Ingest.Spooling;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Spooling;

[TestFixture]
internal sealed class SegmentReaderTests
{
    private readonly string _path = Path.GetTempFileName();

    [OneTimeTearDown]
    public void Delete() => File.Delete(_path);

    [Test]
    public void What_was_written_is_read_as_it_was()
    {
        var record = Record(3, "CSR1 in the batch is not a record"u8.ToArray());
        var read = Read(Bytes(record)).Single();
        Assert.That(read.Record!.MessageId, Is.EqualTo(record.MessageId));
        Assert.That(read.Record.Counts.ToString(), Is.EqualTo(record.Counts.ToString()));
        Assert.That(read.Record.Batch.ToArray(), Is.EqualTo(record.Batch.ToArray()));
        Assert.That(read.Record.Events, Is.EqualTo(3));
        Assert.That(DateTimeOffset.UtcNow - read.Record.MadeAt, Is.LessThan(TimeSpan.FromMinutes(1)));
    }

    [Test]
    public void A_tail_that_was_cut_off_at_any_byte_is_torn_and_hides_nothing_before_it()
    {
        var first = Bytes(Record(1));
        var all = (byte[])[.. first, .. Bytes(Record(2))];
        for (var cut = 0; cut < all.Length; cut++)
        {
            var entries = Read(all[..cut]);
            Assert.That(entries.Count(e => e.Record is not null), Is.EqualTo(cut >= first.Length ? 1 : 0), $"cut at {cut}");
            Assert.That(entries.Where(e => e.Record is null).Select(e => e.Torn), Is.All.True, $"cut at {cut}");
            Assert.That(entries.Count(e => e.Torn), Is.EqualTo(cut != 0 && cut != first.Length ? 1 : 0), $"cut at {cut}");
        }
    }

    [Test]
    public void A_tail_of_zeros_is_torn()
    {
        var entries = Read([.. Bytes(Record(1)), .. new byte[500]]);
        Assert.That(entries.Select(e => (e.Record is not null, e.Torn)), Is.EqualTo(new[] { (true, false), (false, true) }));
    }

    [Test]
    public void A_record_that_is_damaged_at_any_byte_is_told_of_and_its_neighbors_are_read()
    {
        byte[] first = Bytes(Record(1)), middle = Bytes(Record(2)), last = Bytes(Record(3));
        for (var at = 0; at < middle.Length; at++)
        {
            var damaged = (byte[])[.. first, .. middle, .. last];
            damaged[first.Length + at] ^= 0x55;
            var entries = Read(damaged);
            Assert.That(entries.Select(e => e.Record?.Events), Is.EqualTo(new int?[] { 1, null, 3 }), $"byte {at}");
            Assert.That((entries[1].From, entries[1].To, entries[1].Torn), Is.EqualTo(((long)first.Length, (long)(first.Length + middle.Length), false)), $"byte {at}");
        }
    }

    [Test]
    public void Damage_of_the_last_record_is_not_taken_for_a_write_that_was_cut_off()
    {
        var last = Bytes(Record(2));
        last[^1] ^= 1;
        Assert.That(Read([.. Bytes(Record(1)), .. last]).Last().Torn, Is.False);
    }

    [Test]
    public void Behind_megabytes_of_damage_the_next_record_is_found_wherever_it_lies()
    {
        foreach (var garbage in (int[])[65_530, 65_535, 65_536, 65_537, 1_000_001])
        {
            byte[] all = [.. Enumerable.Repeat((byte)'C', garbage), .. Bytes(Record(4))];
            Assert.That(Read(all).Select(e => e.Record?.Events), Is.EqualTo(new int?[] { null, 4 }), $"{garbage} bytes");
        }
    }

    private List<SegmentEntry> Read(byte[] bytes)
    {
        File.WriteAllBytes(_path, bytes);
        using var reader = new SegmentReader(_path);
        return [.. reader.All(bytes.Length)];
    }

    private static SpoolRecord Record(int events, byte[]? batch = null) =>
        new(Guid.CreateVersion7(), new EventCounts(Guid.CreateVersion7(), [new AppHourCount("demo", 493_000, events)]), batch ?? new byte[40]);

    private static byte[] Bytes(SpoolRecord record) => [.. record.Front(), .. record.Batch.Span];
}
