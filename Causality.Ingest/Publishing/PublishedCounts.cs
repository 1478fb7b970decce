using Causality.Contracts.Events;

namespace Causality.Ingest.Publishing;

/// <summary>
/// How many events are durable at the broker or in this host's spool, by app and hour of receipt: the "accepted" of the books. Each run counts
/// for itself: that of this host, and those of the spool's segments. Totals, so that writing them twice counts once.
/// </summary>
internal sealed class PublishedCounts
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(Guid Run, string App, int Hour), long> _totals = [];
    private readonly HashSet<(Guid Run, string App, int Hour)> _unsaved = [];

    /// <summary>The run of this host, for what it publishes at once.</summary>
    public Guid Run { get; } = Guid.CreateVersion7();

    /// <summary>Counts a message that has become durable.</summary>
    public void Add(Guid run, IReadOnlyList<AppHourCount> rows)
    {
        lock (_lock)
            foreach (var row in rows)
            {
                var key = (run, row.AppId, row.Hour);
                _totals[key] = _totals.GetValueOrDefault(key) + row.Events;
                _unsaved.Add(key);
            }
    }

    /// <summary>What is known to be durable of a run that has ended: its totals are that, or more.</summary>
    public void AtLeast(Guid run, IEnumerable<AppHourCount> rows)
    {
        lock (_lock)
            foreach (var row in rows.GroupBy(row => (row.AppId, row.Hour)))
            {
                var key = (run, row.Key.AppId, row.Key.Hour);
                _totals[key] = Math.Max(_totals.GetValueOrDefault(key), row.Sum(r => (long)r.Events));
                _unsaved.Add(key);
            }
    }

    /// <summary>The totals that changed since they were last taken. Who cannot store them gives them back with <see cref="Return"/>.</summary>
    public IReadOnlyList<PublishedTotal> TakeUnsaved()
    {
        lock (_lock)
        {
            PublishedTotal[] taken = [.. _unsaved.Select(key => new PublishedTotal(key.Run, key.App, key.Hour, _totals[key]))];
            _unsaved.Clear();
            return taken;
        }
    }

    public void Return(IReadOnlyList<PublishedTotal> totals)
    {
        lock (_lock)
            foreach (var total in totals)
                _unsaved.Add((total.Run, total.AppId, total.Hour));
    }

    /// <summary>Drops what is stored and so old that no confirm can still come for it.</summary>
    public void ForgetBefore(int hour)
    {
        lock (_lock)
            foreach (var key in _totals.Keys.Where(key => key.Hour < hour && !_unsaved.Contains(key)).ToList())
                _totals.Remove(key);
    }
}

internal readonly record struct PublishedTotal(Guid Run, string AppId, int Hour, long Events);
