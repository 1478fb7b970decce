using System.Buffers.Binary;
using System.Text;
using Causality.Contracts.Events;

namespace Causality.Ingest.Spooling;

/// <summary>
/// One message in a segment. On disk, numbers little-endian: mark, length of the body, CRC-32C of length and body; then the body: message id
/// (16 bytes, network order), length of the counts, the counts as in the message's header, the batch. The mark lets a reader find the
/// next record behind a damaged one, whose length cannot be trusted.
/// </summary>
internal sealed record SpoolRecord(Guid MessageId, EventCounts Counts, ReadOnlyMemory<byte> Batch)
{
    public const int HeadBytes = 12;
    private const int IdBytes = 16;
    private const int LeastBody = IdBytes + sizeof(int);

    public static ReadOnlySpan<byte> Mark => "CSR1"u8;

    public int Events => Counts.Rows.Sum(row => row.Events);

    /// <summary>When the message was made, which its id says.</summary>
    public DateTimeOffset MadeAt => TimeOf(MessageId);

    public static DateTimeOffset TimeOf(Guid version7)
    {
        Span<byte> bytes = stackalloc byte[IdBytes];
        version7.TryWriteBytes(bytes, bigEndian: true, out _);
        return DateTimeOffset.FromUnixTimeMilliseconds((long)(BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16));
    }

    /// <summary>All that lies in front of the batch.</summary>
    public byte[] Front()
    {
        var counts = Encoding.UTF8.GetBytes(Counts.ToString());
        var front = new byte[HeadBytes + LeastBody + counts.Length];
        Mark.CopyTo(front);
        BinaryPrimitives.WriteInt32LittleEndian(front.AsSpan(4), front.Length - HeadBytes + Batch.Length);
        MessageId.TryWriteBytes(front.AsSpan(HeadBytes), bigEndian: true, out _);
        BinaryPrimitives.WriteInt32LittleEndian(front.AsSpan(HeadBytes + IdBytes), counts.Length);
        counts.CopyTo(front, HeadBytes + LeastBody);
        BinaryPrimitives.WriteUInt32LittleEndian(front.AsSpan(8), Checksum(front.AsSpan(4, 4), front.AsSpan(HeadBytes), Batch.Span));
        return front;
    }

    /// <summary>The length of the body that a head announces; null where no record begins, or none that has room.</summary>
    public static int? BodyLength(ReadOnlySpan<byte> head, long room)
    {
        if (head.Length < HeadBytes || !head.StartsWith(Mark))
            return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        return length >= LeastBody && length <= room - HeadBytes ? length : null;
    }

    /// <summary>The record of a head and its body; null when they are not what was written.</summary>
    public static SpoolRecord? Read(ReadOnlySpan<byte> head, ReadOnlyMemory<byte> body)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(head[8..]) != Checksum(head.Slice(4, 4), body.Span, []))
            return null;
        var counts = BinaryPrimitives.ReadInt32LittleEndian(body.Span[IdBytes..]);
        return counts < 0 || counts > body.Length - LeastBody ? null : new SpoolRecord(
            new Guid(body.Span[..IdBytes], bigEndian: true),
            EventCounts.Parse(Encoding.UTF8.GetString(body.Span.Slice(LeastBody, counts))),
            body[(LeastBody + counts)..]);
    }

    private static uint Checksum(ReadOnlySpan<byte> length, ReadOnlySpan<byte> body, ReadOnlySpan<byte> more) =>
        Crc32C.End(Crc32C.Add(Crc32C.Add(Crc32C.Add(Crc32C.Start, length), body), more));
}
