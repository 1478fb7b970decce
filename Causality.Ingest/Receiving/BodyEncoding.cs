using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Causality.Ingest.Receiving;

/// <summary>Undoes one <c>Content-Encoding</c> of a body that is wholly in memory, into a bounded buffer, so that a bomb stops at the limit.</summary>
internal static class BodyEncoding
{
    /// <summary>Null, or why the body cannot be decoded. Encodings: <c>gzip</c>, <c>br</c>, <c>zstd</c>.</summary>
    public static BodyFault? Decode(string encoding, ReadOnlyMemory<byte> body, BodyBuffer into) => encoding switch
    {
        "gzip" or "x-gzip" => Gzip(body, into),
        "br" => Brotli(body.Span, into),
        "zstd" when ZstdStream.IsAvailable => Zstd(body.Span, into),
        "zstd" => BodyFault.Encoding("is encoded with zstd, which this server cannot decode: libzstd is not installed"),
        _ => BodyFault.Encoding("has a Content-Encoding other than one of gzip, br, zstd"),
    };

    private static BodyFault? Gzip(ReadOnlyMemory<byte> body, BodyBuffer into)
    {
        MemoryMarshal.TryGetArray(body, out var array);
        using var source = new MemoryStream(array.Array!, array.Offset, array.Count, writable: false);
        using var gzip = new GZipStream(source, CompressionMode.Decompress);
        try
        {
            while (gzip.Read(into.Free().Span) is > 0 and var read)
            {
                into.Advance(read);
                if (into.Fault is { } fault)
                    return fault;
            }
        }
        catch (InvalidDataException)
        {
            return BodyFault.Corrupt("gzip");
        }
        // GZipStream takes a cut-off stream for one that ended. The last four bytes of a whole one are its decoded length.
        return (body.Length >= 18 && BinaryPrimitives.ReadUInt32LittleEndian(body.Span[^4..]) == (uint)into.Length) || GzipMembers.AreWhole(body) ? null : BodyFault.Truncated("gzip");
    }

    private static BodyFault? Brotli(ReadOnlySpan<byte> body, BodyBuffer into)
    {
        using var decoder = new BrotliDecoder();
        while (true)
        {
            var status = decoder.Decompress(body, into.Free().Span, out var consumed, out var written);
            body = body[consumed..];
            into.Advance(written);
            if (into.Fault is { } fault)
                return fault;
            switch (status)
            {
                case OperationStatus.Done:
                    return body.IsEmpty ? null : BodyFault.Corrupt("br");
                case OperationStatus.NeedMoreData:
                    return BodyFault.Truncated("br");
                case OperationStatus.InvalidData:
                    return BodyFault.Corrupt("br");
            }
        }
    }

    private static BodyFault? Zstd(ReadOnlySpan<byte> body, BodyBuffer into)
    {
        using var stream = new ZstdStream();
        var frameEnded = false;
        while (!body.IsEmpty || !frameEnded)
        {
            if (!stream.Decompress(body, into.Free().Span, out var consumed, out var written, out frameEnded))
                return BodyFault.Corrupt("zstd");
            if (consumed == 0 && written == 0)
                return BodyFault.Truncated("zstd");
            body = body[consumed..];
            into.Advance(written);
            if (into.Fault is { } fault)
                return fault;
        }
        return null;
    }
}
