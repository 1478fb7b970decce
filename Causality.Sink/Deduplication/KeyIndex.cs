namespace Causality.Sink.Deduplication;

/// <summary>
/// In which rows of the key log a key may be, for all rows of the window: slices, of which the newest takes what is added and the oldest are
/// dropped with their last row. Five to nine bytes a key.
/// </summary>
internal sealed class KeyIndex(TimeProvider clock, TimeSpan span)
{
    private const int Smallest = 14_000;         // 64 KB
    private const int Largest = 7_340_000;       // 32 MB

    private readonly List<KeySlice> _slices = [];
    private long _newestSince;

    /// <summary>The last row that was added.</summary>
    public long Last { get; private set; }

    public long Count => _slices.Sum(s => (long)s.Count);

    /// <summary>Adds a row with keys, the rows in the order of their numbers.</summary>
    public void Add(long id, ReadOnlySpan<UInt128> keys)
    {
        Last = id;
        if (_slices is [.., var newest])
        {
            if (clock.GetElapsedTime(_newestSince) < span && newest.TryAdd(id, keys))
                return;
            // four times the room when it was full before its time, else room for what came and as much again
            Begin(clock.GetElapsedTime(_newestSince) < span && newest.Rows.Length < KeySlice.MostRows ? newest.Capacity * 4L : newest.Count * 2L, keys.Length);
        }
        else
            Begin(Smallest, keys.Length);
        if (!_slices[^1].TryAdd(id, keys))
            throw new InvalidOperationException($"A new slice has no room for {keys.Length} keys.");
    }

    /// <summary>The rows that may hold each of the keys.</summary>
    public List<(UInt128 Key, KeyRow Row)> Find(IEnumerable<UInt128> keys)
    {
        var found = new List<(UInt128, KeyRow)>();
        var rows = new List<KeyRow>();
        foreach (var key in keys)
        {
            foreach (var slice in _slices)
                slice.Find(key, rows);
            foreach (var row in rows)
                found.Add((key, row));
            rows.Clear();
        }
        return found;
    }

    /// <summary>Drops slices all of whose rows are before this one.</summary>
    public void DropBefore(long id) => _slices.RemoveAll(s => s.Rows[^1].Id < id);

    public void Clear()
    {
        _slices.Clear();
        Last = 0;
    }

    private void Begin(long capacity, int atLeast)
    {
        _slices.Add(new KeySlice((int)Math.Max(Math.Clamp(capacity, Smallest, Largest), atLeast)));
        _newestSince = clock.GetTimestamp();
    }
}
