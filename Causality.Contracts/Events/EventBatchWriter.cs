using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace Causality.Contracts.Events;

/// <summary>
/// Writes an AcceptedBatch of accepted.proto into one pooled buffer, an event at a time: <see cref="Begin"/>, values, then
/// <see cref="Commit"/>, or <see cref="Rollback"/> for an event that was refused halfway. Not for two threads at once.
/// </summary>
public sealed class EventBatchWriter(int capacity = 16 * 1024) : IDisposable
{
    // The length goes in front of an event that is not written yet, so room is kept for a padded varint, which
    // protobuf allows: 4 bytes, up to 256 MB.
    private const int LengthBytes = 4;
    private const byte EventsTag = (1 << 3) | 2;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(capacity);
    private int _written;
    private int _open = -1;

    /// <summary>Events committed so far.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the committed events.</summary>
    public int Length => _open < 0 ? _written : _open;

    /// <summary>Bytes of the event being written.</summary>
    public int OpenLength => _written - _open - 1 - LengthBytes;

    /// <summary>The batch so far; valid until the next write or <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    public void Begin()
    {
        if (_open >= 0)
            throw new InvalidOperationException("The event before is neither committed nor rolled back.");
        _open = _written;
        Room(1 + LengthBytes)[0] = EventsTag;
        _written += 1 + LengthBytes;
    }

    /// <summary>Sets a text column; empty text is left out, which is NULL. The caller has checked that it is UTF-8.</summary>
    public void Text(EventColumn column, ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
            return;
        var room = Room(12 + utf8.Length);
        var n = Varint(room, ((ulong)column << 3) | 2);
        n += Varint(room[n..], (ulong)utf8.Length);
        utf8.CopyTo(room[n..]);
        _written += n + utf8.Length;
    }

    /// <summary>Sets an integer column, zero included.</summary>
    public void Number(EventColumn column, long value)
    {
        var room = Room(20);
        var n = Varint(room, (ulong)column << 3);
        _written += n + Varint(room[n..], (ulong)value);
    }

    public void Flag(EventColumn column, bool value) => Number(column, value ? 1 : 0);

    public void Commit()
    {
        var length = (uint)OpenLength;
        var padded = (length & 0x7F) | 0x80 | ((length & 0x3F80) << 1) | 0x8000 | ((length & 0x1FC000) << 2) | 0x800000 | ((length & 0xFE00000) << 3);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_open + 1), padded);
        _open = -1;
        Count++;
    }

    public void Rollback()
    {
        _written = _open;
        _open = -1;
    }

    /// <summary>Adds the events of another batch behind these: batches of this form are joined by laying them end to end.</summary>
    public void Append(ReadOnlySpan<byte> batch, int events)
    {
        batch.CopyTo(Room(batch.Length));
        _written += batch.Length;
        Count += events;
    }

    public void Clear()
    {
        _written = 0;
        _open = -1;
        Count = 0;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        Clear();
    }

    private Span<byte> Room(int bytes)
    {
        if (_buffer.Length - _written < bytes)
        {
            var larger = ArrayPool<byte>.Shared.Rent((int)BitOperations.RoundUpToPowerOf2((uint)(_written + bytes)));
            _buffer.AsSpan(0, _written).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        return _buffer.AsSpan(_written);
    }

    private static int Varint(Span<byte> into, ulong value)
    {
        var n = 0;
        for (; value >= 0x80; value >>= 7)
            into[n++] = (byte)(value | 0x80);
        into[n++] = (byte)value;
        return n;
    }
}
