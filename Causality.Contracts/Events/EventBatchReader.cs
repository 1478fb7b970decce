using System.Text.Unicode;

namespace Causality.Contracts.Events;

/// <summary>
/// Walks an AcceptedBatch without copying. <see cref="Next"/> frames one event; <see cref="Read"/> finds its values, which stay
/// spans of the batch. A damaged event is refused by itself; only broken framing ends the walk.
/// </summary>
public sealed class EventBatchReader
{
    private readonly int[] _starts = new int[EventColumns.Slots];
    private readonly int[] _lengths = new int[EventColumns.Slots];
    private readonly long[] _numbers = new long[EventColumns.Slots];
    private ulong _present;
    private ReadOnlyMemory<byte> _batch;

    /// <summary>Behind the last event that was framed: where the walk goes on, or broke.</summary>
    public int Position { get; private set; }

    public void Reset(ReadOnlyMemory<byte> batch)
    {
        _batch = batch;
        Position = 0;
    }

    /// <summary>Where the next event lies in the batch. False at the end. Throws <see cref="InvalidDataException"/> when the framing is broken.</summary>
    public bool Next(out Range frame)
    {
        var batch = _batch.Span;
        frame = default;
        var position = Position;
        if (position == batch.Length)
            return false;
        if (!Varint(batch, ref position, out var tag) || tag != ((1 << 3) | 2) || !Varint(batch, ref position, out var length)
            || length > (ulong)(batch.Length - position))
            throw new InvalidDataException($"The batch is broken at byte {Position} of {batch.Length}.");
        frame = position..(position + (int)length);
        Position = position + (int)length;
        return true;
    }

    /// <summary>Finds the values of one framed event. Answers null, or what is wrong with it.</summary>
    public string? Read(Range frame)
    {
        var batch = _batch.Span;
        var (position, left) = frame.GetOffsetAndLength(batch.Length);
        var end = position + left;
        _present = 0;
        while (position < end)
        {
            if (!Varint(batch[..end], ref position, out var tag))
                return "a field's tag is cut off";
            var number = (int)(tag >> 3);
            var known = number > 0 && number < EventColumns.Slots;
            ulong value;
            switch (tag & 7)
            {
                case 0 when Varint(batch[..end], ref position, out value):
                    if (known && EventColumns.Kind((EventColumn)number) is not ColumnKind.Text)
                    {
                        _numbers[number] = (long)value;
                        _present |= 1UL << number;
                    }
                    break;
                case 2 when Varint(batch[..end], ref position, out value) && value <= (ulong)(end - position):
                    if (known && EventColumns.Kind((EventColumn)number) is ColumnKind.Text)
                    {
                        if (!Utf8.IsValid(batch.Slice(position, (int)value)))
                            return $"{(EventColumn)number} is not UTF-8";
                        (_starts[number], _lengths[number]) = (position, (int)value);
                        _present |= 1UL << number;
                    }
                    position += (int)value;
                    break;
                case 1 when end - position >= 8:
                    position += 8;
                    break;
                case 5 when end - position >= 4:
                    position += 4;
                    break;
                default:
                    return $"field {number} is cut off or of an unknown wire type";
            }
        }
        return null;
    }

    public bool Has(EventColumn column) => (_present & (1UL << (int)column)) != 0;

    /// <summary>The column's UTF-8 text; empty where absent.</summary>
    public ReadOnlySpan<byte> Text(EventColumn column) =>
        Has(column) ? _batch.Span.Slice(_starts[(int)column], _lengths[(int)column]) : [];

    /// <summary>The column's number (a flag's is 0 or 1); 0 where absent.</summary>
    public long Number(EventColumn column) => Has(column) ? _numbers[(int)column] : 0;

    private static bool Varint(ReadOnlySpan<byte> from, ref int position, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64 && position < from.Length; shift += 7)
        {
            var b = from[position++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return true;
        }
        return false;
    }
}
