using Causality.Contracts.Events;

namespace Causality.Ingest.Publishing;

/// <summary>
/// How many events this run of the host has had confirmed by the broker, by app and hour of receipt: the "accepted" of the books. Totals, so
/// that writing them twice counts once.
/// </summary>
internal sealed class PublishedCounts
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string App, int Hour), long> _totals = [];
    private readonly HashSet<(string App, int Hour)> _unsaved = [];

    public Guid Run { get; } = Guid.CreateVersion7();

    /// <summary>Counts a message that the broker has confirmed.</summary>
    public void Add(IReadOnlyList<AppHourCount> rows)
    {
        lock (_lock)
            foreach (var row in rows)
            {
                var key = (row.AppId, row.Hour);
                _totals[key] = _totals.GetValueOrDefault(key) + row.Events;
                _unsaved.Add(key);
            }
    }

    /// <summary>The totals that changed since they were last taken. Who cannot store them gives them back with <see cref="Return"/>.</summary>
    public IReadOnlyList<PublishedTotal> TakeUnsaved()
    {
        lock (_lock)
        {
            PublishedTotal[] taken = [.. _unsaved.Select(key => new PublishedTotal(key.App, key.Hour, _totals[key]))];
            _unsaved.Clear();
            return taken;
        }
    }

    public void Return(IReadOnlyList<PublishedTotal> totals)
    {
        lock (_lock)
            foreach (var total in totals)
                _unsaved.Add((total.AppId, total.Hour));
    }

    /// <summary>Drops what is stored and so old that no confirm can still come for it.</summary>
    public void ForgetBefore(int hour)
    {
        lock (_lock)
            foreach (var key in _totals.Keys.Where(key => key.Hour < hour && !_unsaved.Contains(key)).ToList())
                _totals.Remove(key);
    }
}

internal readonly record struct PublishedTotal(string AppId, int Hour, long Events);
