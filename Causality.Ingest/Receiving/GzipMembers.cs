using System.Buffers.Binary;
using System.IO.Compression;

namespace Causality.Ingest.Receiving;

/// <summary>
/// Whether a gzip body of several members (RFC 1952) is whole, which GZipStream does not tell: it takes a cut-off stream for one that ended,
/// and passes over what follows. Only bodies for which the quick look at the last four bytes fails are looked at here.
/// </summary>
internal static class GzipMembers
{
    /// <summary>More than any client has reason to send: each costs a decoder of its own.</summary>
    private const int Most = 1000;

    private const int ShortestMember = 18, HeaderBytes = 10, TrailerBytes = 8;

    /// <summary>True when the body is a row of members, each of the length that its end says, and nothing else.</summary>
    public static bool AreWhole(ReadOnlyMemory<byte> body)
    {
        for (var members = 0; members < Most && body.Length >= ShortestMember; members++)
        {
            var header = Header(body.Span);
            if (header < 0)
                return false;
            using var source = new OneByOne(body[header..]);
            using var deflate = new DeflateStream(source, CompressionMode.Decompress);
            int end;
            long length;
            try
            {
                length = Length(deflate);
                end = header + source.Consumed;
            }
            catch (InvalidDataException)
            {
                return false;
            }
            if (body.Length - end < TrailerBytes || BinaryPrimitives.ReadUInt32LittleEndian(body.Span[(end + 4)..]) != (uint)length)
                return false;
            body = body[(end + TrailerBytes)..];
            if (body.IsEmpty)
                return true;
        }
        return false;
    }

    private static long Length(DeflateStream deflate)
    {
        Span<byte> into = stackalloc byte[4096];
        long length = 0;
        while (deflate.Read(into) is > 0 and var read)
            length += read;
        return length;
    }

    // where the deflated bytes begin, or -1: ten bytes, then what the flags announce (extra field, name, comment, checksum)
    private static int Header(ReadOnlySpan<byte> member)
    {
        if (member is not [0x1f, 0x8b, 8, var flags, ..])
            return -1;
        var at = HeaderBytes;
        if ((flags & 4) != 0)
            at += 2 + BinaryPrimitives.ReadUInt16LittleEndian(member[at..]);
        for (var texts = ((flags >> 3) & 1) + ((flags >> 4) & 1); texts > 0; texts--)
        {
            if (at >= member.Length || member[at..].IndexOf((byte)0) is not (>= 0 and var end))
                return -1;
            at += end + 1;
        }
        at += flags & 2;
        return at < member.Length ? at : -1;
    }

    /// <summary>Gives a decoder one byte at a time, so that it has taken no more than it needed.</summary>
    private sealed class OneByOne(ReadOnlyMemory<byte> bytes) : Stream
    {
        public int Consumed { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            if (Consumed == bytes.Length || buffer.IsEmpty)
                return 0;
            buffer[0] = bytes.Span[Consumed++];
            return 1;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
