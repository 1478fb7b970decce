using System.Buffers.Binary;

namespace Causality.Ingest.Spooling;

/// <summary>
/// One file of the spool and how far it has been drained. Its id names it, and is the run of the books to which its own records belong. The
/// position lies beside it in a file that is written in place: where it is damaged or lost, the segment is published again from its start,
/// which the inbox of the sink makes harmless.
/// </summary>
internal sealed class SpoolSegment
{
    public const string Ending = ".segment";
    private const string PositionEnding = ".position";
    private const int SummedBytes = 2 * sizeof(long);
    private const int PositionBytes = SummedBytes + sizeof(uint);
    private static long _latestMs;

    private SpoolSegment(string path, Guid id, long end, bool written) => (Path, Id, End, Written, Oldest) = (path, id, end, written, SpoolRecord.TimeOf(id));

    public string Path { get; }

    public Guid Id { get; }

    /// <summary>Whether this process has written it, and so knows where its last durable record ends.</summary>
    public bool Written { get; }

    /// <summary>Behind the last byte that may be read.</summary>
    public long End { get; set; }

    /// <summary>Behind the last record that the broker has confirmed.</summary>
    public long Position { get; private set; }

    /// <summary>Events from <see cref="Position"/> on.</summary>
    public long Events { get; set; }

    /// <summary>No event from <see cref="Position"/> on was received before.</summary>
    public DateTimeOffset Oldest { get; private set; }

    /// <summary>Bytes up to <see cref="Position"/> that could not be read; a segment that has some is kept when it is drained.</summary>
    public long Damaged { get; set; }

    /// <summary>Nothing is appended to it any more.</summary>
    public bool Sealed { get; set; }

    public static SpoolSegment New(string folder)
    {
        var id = Guid.CreateVersion7(NextMoment());
        return new SpoolSegment(System.IO.Path.Combine(folder, $"{id:N}{Ending}"), id, 0, written: true);
    }

    /// <summary>Segments sort by their names in the order in which they were made, so no two are of one millisecond.</summary>
    private static DateTimeOffset NextMoment()
    {
        while (true)
        {
            var latest = Interlocked.Read(ref _latestMs);
            var next = Math.Max(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), latest + 1);
            if (Interlocked.CompareExchange(ref _latestMs, next, latest) == latest)
                return DateTimeOffset.FromUnixTimeMilliseconds(next);
        }
    }

    /// <summary>One that another run of a host has left; null when the name is of no segment.</summary>
    public static SpoolSegment? Left(string path)
    {
        if (!Guid.TryParseExact(System.IO.Path.GetFileNameWithoutExtension(path), "N", out var id))
            return null;
        var segment = new SpoolSegment(path, id, new FileInfo(path).Length, written: false) { Sealed = true };
        (segment.Position, segment.Damaged) = segment.ReadPosition();
        return segment;
    }

    public static string PositionOf(string path) => System.IO.Path.ChangeExtension(path, PositionEnding);

    public void Advance(long position, long events, DateTimeOffset? madeAt)
    {
        Position = position;
        Events = Math.Max(0, Events - events);
        Oldest = madeAt ?? Oldest;
    }

    /// <summary>Makes the position durable.</summary>
    public void SavePosition()
    {
        Span<byte> bytes = stackalloc byte[PositionBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Position);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[sizeof(long)..], Damaged);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[SummedBytes..], Checksum(bytes));
        using var file = File.OpenHandle(PositionOf(Path), FileMode.OpenOrCreate, FileAccess.Write);
        RandomAccess.Write(file, bytes, 0);
        RandomAccess.FlushToDisk(file);
    }

    private (long Position, long Damaged) ReadPosition()
    {
        if (!File.Exists(PositionOf(Path)))
            return default;
        using var file = File.OpenHandle(PositionOf(Path));
        Span<byte> bytes = stackalloc byte[PositionBytes];
        if (RandomAccess.Read(file, bytes, 0) != PositionBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes[SummedBytes..]) != Checksum(bytes))
            return default;
        var (position, damaged) = (BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[sizeof(long)..]));
        return position >= 0 && position <= End ? (position, damaged) : default;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes) => Crc32C.End(Crc32C.Add(Crc32C.Start, bytes[..SummedBytes]));
}
