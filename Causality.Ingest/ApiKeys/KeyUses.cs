using System.Collections.Concurrent;

namespace Causality.Ingest.ApiKeys;

/// <summary>When each key was last used on this host, until it is saved.</summary>
internal sealed class KeyUses(TimeProvider clock)
{
    private readonly ConcurrentDictionary<Guid, Use> _uses = new();

    /// <summary>Remembers that a key has just been used: a look-up and a write to memory.</summary>
    public void Seen(Guid key)
    {
        var use = _uses.GetOrAdd(key, static _ => new Use());
        Volatile.Write(ref use.Ticks, clock.GetUtcNow().UtcTicks);
    }

    /// <summary>The uses since they were last taken.</summary>
    public IReadOnlyList<(Guid Key, DateTimeOffset At)> TakeUnsaved()
    {
        var unsaved = new List<(Guid, DateTimeOffset)>();
        foreach (var (key, use) in _uses)
        {
            var at = Volatile.Read(ref use.Ticks);
            if (at > use.Saved)
            {
                unsaved.Add((key, new DateTimeOffset(at, TimeSpan.Zero)));
                use.Saved = at;
            }
        }
        return unsaved;
    }

    /// <summary>Takes back what could not be saved.</summary>
    public void Return(IReadOnlyList<(Guid Key, DateTimeOffset At)> unsaved)
    {
        foreach (var (key, _) in unsaved)
            _uses[key].Saved = 0;
    }

    private sealed class Use
    {
        public long Ticks;

        /// <summary>Read and written by the one who saves.</summary>
        public long Saved;
    }
}
