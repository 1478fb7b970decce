using Microsoft.Win32.SafeHandles;

namespace Causality.Ingest.Spooling;

/// <summary>What lies at a place of a segment: a record, or bytes that are none.</summary>
/// <param name="Record">Null: the bytes are damaged, or <paramref name="Torn"/>.</param>
/// <param name="Torn">The end of a write that was cut off: nobody was ever told that it is durable.</param>
internal sealed record SegmentEntry(long From, long To, SpoolRecord? Record, bool Torn = false);

/// <summary>Walks a segment from any record on, past what is damaged. Each record that it answers has bytes of its own.</summary>
internal sealed class SegmentReader(string path) : IDisposable
{
    private const int ScanBytes = 64 * 1024;
    private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    public IEnumerable<SegmentEntry> All(long end)
    {
        for (var entry = Next(0, end); entry is not null; entry = Next(entry.To, end))
            yield return entry;
    }

    /// <summary>What begins at <paramref name="position"/>, of a segment that ends at <paramref name="end"/>; null at the end.</summary>
    public SegmentEntry? Next(long position, long end)
    {
        if (position >= end)
            return null;
        if (RecordAt(position, end, out var announced) is { } entry)
            return entry;
        // a damaged record is one behind which others follow, or one that is there in its full length; else the last write was cut off
        var next = Find(position + 1, end);
        return new SegmentEntry(position, next ?? end, null, Torn: next is null && !announced);
    }

    public void Dispose() => _file.Dispose();

    private SegmentEntry? RecordAt(long position, long end, out bool announced)
    {
        Span<byte> head = stackalloc byte[SpoolRecord.HeadBytes];
        var length = SpoolRecord.BodyLength(head[..ReadFully(head, position)], end - position);
        announced = length is not null;
        if (length is not { } bytes)
            return null;
        var body = new byte[bytes];
        var from = position + SpoolRecord.HeadBytes;
        return ReadFully(body, from) == bytes && SpoolRecord.Read(head, body) is { } record ? new SegmentEntry(position, from + bytes, record) : null;
    }

    private long? Find(long position, long end)
    {
        var chunk = new byte[ScanBytes];
        while (position < end)
        {
            var read = ReadFully(chunk.AsSpan(0, (int)Math.Min(ScanBytes, end - position)), position);
            for (var at = 0; chunk.AsSpan(at, read - at).IndexOf(SpoolRecord.Mark) is >= 0 and var offset; at += offset + 1)
                if (RecordAt(position + at + offset, end, out _) is not null)
                    return position + at + offset;
            if (read < ScanBytes)
                return null;
            position += read - SpoolRecord.Mark.Length + 1;   // a mark may lie across two chunks
        }
        return null;
    }

    private int ReadFully(Span<byte> into, long position)
    {
        var total = 0;
        while (total < into.Length && RandomAccess.Read(_file, into[total..], position + total) is > 0 and var read)
            total += read;
        return total;
    }
}
