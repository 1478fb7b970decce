using System.Buffers.Binary;
using System.IO.Compression;

namespace Causality.Ingest.Receiving;

/// <summary>
/// Whether a gzip body of several members (RFC 1952) is whole, which GZipStream does not tell: it takes a cut-off stream for one that ended,
/// and passes over what follows, and it takes from its source more than it needs. Only bodies for which the quick look at the last four bytes fails come here.
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
            if (Deflated(body[header..]) is not var (bytes, length))
                return false;
            var end = header + bytes;
            if (body.Length - end < TrailerBytes || BinaryPrimitives.ReadUInt32LittleEndian(body.Span[(end + 4)..]) != (uint)length)
                return false;
            body = body[(end + TrailerBytes)..];
            if (body.IsEmpty)
                return true;
        }
        return false;
    }

    // how many bytes the deflated stream takes that begins here, and how many it makes; null where it is none
    private static (int Bytes, long Length)? Deflated(ReadOnlyMemory<byte> body)
    {
        try
        {
            // the first time it takes more than it needs; the second time only until near the end, and then byte by byte
            using var rough = new Source(body, body.Length);
            Length(rough);
            using var exact = new Source(body, rough.Consumed - rough.Last);
            var length = Length(exact);
            return (exact.Consumed, length);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static long Length(Source source)
    {
        using var deflate = new DeflateStream(source, CompressionMode.Decompress);
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

    /// <summary>Gives a decoder much at a time up to a place, and behind it single bytes, so that it takes no more than it needs.</summary>
    private sealed class Source(ReadOnlyMemory<byte> bytes, int rough) : Stream
    {
        private const int Much = 4096;

        public int Consumed { get; private set; }

        /// <summary>Bytes that were given last.</summary>
        public int Last { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            var some = Math.Min(Consumed < rough ? Math.Min(Much, rough - Consumed) : 1, Math.Min(buffer.Length, bytes.Length - Consumed));
            if (some == 0)
                return 0;
            bytes.Span.Slice(Consumed, some).CopyTo(buffer);
            (Consumed, Last) = (Consumed + some, some);
            return some;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
