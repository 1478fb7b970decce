using System.Numerics;
using System.Runtime.InteropServices;

namespace Causality.Sink.Deduplication;

/// <summary>A row of the key log: its number, and how many keys it holds.</summary>
internal readonly record struct KeyRow(long Id, int Keys);

/// <summary>
/// In which rows of the key log a key may be. A hash table of 4 bytes a key: 20 bits by which it is told from its neighbors, 12 that name the row. It never
/// misses a key that was added; now and then, once in some 15,000 lookups when full, it names a row that does not hold the key.
/// </summary>
internal sealed class KeySlice
{
    public const int MostRows = 1 << RowBits;
    private const int RowBits = 12;

    private readonly uint[] _slots;
    private readonly List<KeyRow> _rows = [];

    /// <param name="capacity">Keys that it has room for at least.</param>
    public KeySlice(int capacity)
    {
        _slots = new uint[(int)BitOperations.RoundUpToPowerOf2((uint)(capacity + capacity / 7 + 1))];
        Capacity = (int)(_slots.Length * 7L / 8);
    }

    public int Capacity { get; }

    public int Count { get; private set; }

    public ReadOnlySpan<KeyRow> Rows => CollectionsMarshal.AsSpan(_rows);

    /// <summary>False when there is no room for them.</summary>
    public bool TryAdd(long id, ReadOnlySpan<UInt128> keys)
    {
        if (Count + keys.Length > Capacity || _rows.Count == MostRows)
            return false;
        var row = (uint)_rows.Count;
        _rows.Add(new KeyRow(id, keys.Length));
        foreach (var key in keys)
        {
            var (at, tag) = Place(key);
            while (_slots[at] != 0)
                at = at + 1 & _slots.Length - 1;
            _slots[at] = tag << RowBits | row;
        }
        Count += keys.Length;
        return true;
    }

    /// <summary>Adds the rows to <paramref name="found"/> that may hold the key.</summary>
    public void Find(UInt128 key, ICollection<KeyRow> found)
    {
        var (at, tag) = Place(key);
        for (uint slot; (slot = _slots[at]) != 0; at = at + 1 & _slots.Length - 1)
            if (slot >> RowBits == tag)
                found.Add(_rows[(int)(slot & MostRows - 1)]);
    }

    // keys are hashes, so their bits are as good as random; a tag is never 0, which is an empty slot's
    private (int At, uint Tag) Place(UInt128 key)
    {
        var bits = (ulong)key;
        return ((int)(bits & (ulong)(_slots.Length - 1)), (uint)(bits >> 64 - (32 - RowBits)) | 1);
    }
}
