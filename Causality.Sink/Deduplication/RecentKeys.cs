using Npgsql;

namespace Causality.Sink.Deduplication;

/// <summary>What was known of a flush's keys when it was prepared.</summary>
/// <param name="Known">Those of events that were stored within the window.</param>
/// <param name="Seen">The last row of the key log that was looked at.</param>
internal sealed record Recognized(IReadOnlySet<UInt128> Known, long Seen);

/// <summary>
/// Which keys were stored within the window: exact, shared by every sink. An index in memory says in which row of the <see cref="KeyLog"/> a key may be, the row says
/// whether it is; what other sinks have added since is looked through when the flush commits.
/// </summary>
internal sealed class RecentKeys(KeyLog log, TimeSpan window, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromSeconds(10);

    private readonly KeyIndex _index = new(clock, window / 4);
    private readonly Lock _indexLock = new();
    private readonly SemaphoreSlim _reading = new(1);
    private readonly SortedDictionary<long, UInt128[]> _own = [];   // rows of this sink that the index does not hold yet: they need not be read
    private long? _forgotAt;

    public async Task<Recognized> Recognize(IReadOnlyCollection<UInt128> keys, CancellationToken ct)
    {
        await CatchUp(ct);
        List<(UInt128, KeyRow)> candidates;
        long seen;
        lock (_indexLock)
        {
            candidates = _index.Find(keys);
            seen = _index.Last;
        }
        return new Recognized(await log.Present(candidates, ct), seen);
    }

    /// <summary>Whether no other sink has stored one of them since they were recognized. Under <see cref="KeyLog.Hold"/> that is so until the transaction ends.</summary>
    /// <param name="beside">A row after those that were looked at then, and with which they were compared otherwise.</param>
    public static async Task<bool> AreNew(NpgsqlTransaction transaction, UInt128[] sorted, long seen, long? beside, CancellationToken ct) =>
        sorted.Length == 0 || !await KeyLog.HasAny(transaction, sorted, seen, beside is { } row ? [row] : [], ct);

    /// <summary>The transaction has committed.</summary>
    public void Remembered(long row, UInt128[] sorted)
    {
        lock (_indexLock)
            _own.Add(row, sorted);
    }

    public void Dispose() => _reading.Dispose();

    // One at a time, and a row after the other: when this ends, all rows are in the index that were committed when it began.
    private async Task CatchUp(CancellationToken ct)
    {
        await _reading.WaitAsync(ct);
        try
        {
            if (_forgotAt is not { } at || clock.GetElapsedTime(at) > ForgetEvery)
            {
                await log.Forget(ct);
                _forgotAt = clock.GetTimestamp();
            }
            var (first, last) = await log.Extent(ct);
            SortedDictionary<long, UInt128[]> own;
            long read;
            lock (_indexLock)
            {
                if (last < _index.Last)
                    _index.Clear();   // all is forgotten, or the database is an older copy of itself
                else
                    _index.DropBefore(first);
                own = new(_own);
                read = _index.Last;
            }
            await log.After(read, [.. own.Keys], (id, keys) =>
            {
                while (own.Count > 0 && own.First() is var (mine, of) && mine < id)
                    Add(mine, of);
                Add(id, keys);
            }, ct);
            foreach (var (mine, of) in own.ToList())
                Add(mine, of);

            void Add(long id, UInt128[] keys)
            {
                lock (_indexLock)
                {
                    if (id > _index.Last)
                        _index.Add(id, keys);
                    _own.Remove(id);
                }
                own.Remove(id);
            }
        }
        finally
        {
            _reading.Release();
        }
    }
}
