using Causality.Contracts.Events;
using Causality.Sink.DeadLetters;
using Npgsql;

namespace Causality.Sink.Flushing;

/// <summary>
/// What became of the events of a flush, or of dead letters, per app and hour of receipt, written in that transaction in key order.
/// Accepted = stored + duplicates + dead + discarded + quarantined + in flight.
/// </summary>
internal sealed class Books
{
    private readonly Dictionary<(string App, int Hour), Outcome> _outcomes = [];
    private readonly Dictionary<(Guid Run, string App, int Hour), long> _arrived = [];

    private readonly record struct Outcome(long Stored, long Duplicates, long Dead, long Discarded = 0);

    public long StoredEvents { get; private set; }

    public long DuplicateEvents { get; private set; }

    public long DeadEvents { get; private set; }

    public void Stored(Guid run, string app, int hour)
    {
        Arrived(run, app, hour, 1);
        Add(app, hour, new Outcome(1, 0, 0));
        StoredEvents++;
    }

    public void Duplicate(Guid run, string app, int hour)
    {
        Arrived(run, app, hour, 1);
        Add(app, hour, new Outcome(0, 1, 0));
        DuplicateEvents++;
    }

    public void Dead(DeadLetter letter)
    {
        foreach (var (app, hour, events) in DeadLetter.Booked(letter.Counts, letter.Events))
        {
            Arrived(letter.Counts.Run, app, hour, events);
            Add(app, hour, new Outcome(0, 0, events));
            DeadEvents += events;
        }
    }

    /// <summary>Dead events are sent again: until they arrive they are in flight, so they have not arrived. <see cref="WritePublished"/> belongs to it.</summary>
    public void Replayed(EventCounts counts, long letterEvents)
    {
        foreach (var (app, hour, events) in DeadLetter.Booked(counts, letterEvents))
        {
            Arrived(counts.Run, app, hour, -events);
            Add(app, hour, new Outcome(0, 0, -events));
        }
    }

    public void Discarded(EventCounts counts, long letterEvents)
    {
        foreach (var (app, hour, events) in DeadLetter.Booked(counts, letterEvents))
            Add(app, hour, new Outcome(0, 0, -events, events));
    }

    public async Task Write(NpgsqlTransaction transaction, CancellationToken ct)
    {
        var arrived = _arrived.OrderBy(a => a.Key.Run).ThenBy(a => a.Key.App, StringComparer.Ordinal).ThenBy(a => a.Key.Hour).ToList();
        await using (var insert = new NpgsqlCommand(
            """
            insert into pipeline_arrived as p (run_id, app_id, hour, events) select * from unnest($1, $2, $3, $4)
            on conflict (run_id, app_id, hour) do update set events = p.events + excluded.events
            """, transaction.Connection, transaction))
        {
            insert.Parameters.AddWithValue(arrived.Select(a => a.Key.Run).ToArray());
            insert.Parameters.AddWithValue(arrived.Select(a => a.Key.App).ToArray());
            insert.Parameters.AddWithValue(arrived.Select(a => a.Key.Hour).ToArray());
            insert.Parameters.AddWithValue(arrived.Select(a => a.Value).ToArray());
            await insert.ExecuteNonQueryAsync(ct);
        }
        var outcomes = _outcomes.OrderBy(o => o.Key.App, StringComparer.Ordinal).ThenBy(o => o.Key.Hour).ToList();
        await using var upsert = new NpgsqlCommand(
            """
            insert into pipeline_outcomes as p (app_id, hour, stored, duplicates, dead, discarded) select * from unnest($1, $2, $3, $4, $5, $6)
            on conflict (app_id, hour) do update set stored = p.stored + excluded.stored,
                duplicates = p.duplicates + excluded.duplicates, dead = p.dead + excluded.dead, discarded = p.discarded + excluded.discarded
            """, transaction.Connection, transaction);
        upsert.Parameters.AddWithValue(outcomes.Select(o => o.Key.App).ToArray());
        upsert.Parameters.AddWithValue(outcomes.Select(o => o.Key.Hour).ToArray());
        upsert.Parameters.AddWithValue(outcomes.Select(o => o.Value.Stored).ToArray());
        upsert.Parameters.AddWithValue(outcomes.Select(o => o.Value.Duplicates).ToArray());
        upsert.Parameters.AddWithValue(outcomes.Select(o => o.Value.Dead).ToArray());
        upsert.Parameters.AddWithValue(outcomes.Select(o => o.Value.Discarded).ToArray());
        await upsert.ExecuteNonQueryAsync(ct);
    }

    /// <summary>
    /// After <see cref="Write"/>, for replays: what had arrived was published, also where the host died before it said so; else it would vanish from
    /// what was accepted while it is on its way again. What nobody claims was never counted as published.
    /// </summary>
    public async Task WritePublished(NpgsqlTransaction transaction, CancellationToken ct)
    {
        var replayed = _arrived.Where(a => a.Key.Run != Guid.Empty && a.Value < 0).ToList();
        await using var raise = new NpgsqlCommand(
            """
            insert into pipeline_published as p (run_id, app_id, hour, events)
            select a.run_id, a.app_id, a.hour, a.events + r.events from pipeline_arrived a join unnest($1, $2, $3, $4) as r (run_id, app_id, hour, events) using (run_id, app_id, hour)
            order by 1, 2, 3
            on conflict (run_id, app_id, hour) do update set events = greatest(p.events, excluded.events)
            """, transaction.Connection, transaction);
        raise.Parameters.AddWithValue(replayed.Select(r => r.Key.Run).ToArray());
        raise.Parameters.AddWithValue(replayed.Select(r => r.Key.App).ToArray());
        raise.Parameters.AddWithValue(replayed.Select(r => r.Key.Hour).ToArray());
        raise.Parameters.AddWithValue(replayed.Select(r => -r.Value).ToArray());
        await raise.ExecuteNonQueryAsync(ct);
    }

    private void Arrived(Guid run, string app, int hour, long events) =>
        _arrived[(run, app, hour)] = _arrived.GetValueOrDefault((run, app, hour)) + events;

    private void Add(string app, int hour, Outcome more)
    {
        var was = _outcomes.GetValueOrDefault((app, hour));
        _outcomes[(app, hour)] = new Outcome(was.Stored + more.Stored, was.Duplicates + more.Duplicates, was.Dead + more.Dead, was.Discarded + more.Discarded);
    }
}
