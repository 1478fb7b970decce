using Npgsql;

namespace Causality.Sink.Flushing;

/// <summary>
/// What became of the events of a flush, per app and hour of receipt, written in its transaction in key order.
/// Accepted = stored + duplicates + dead + discarded + quarantined + in flight.
/// </summary>
internal sealed class Books
{
    private readonly Dictionary<(string App, int Hour), Outcome> _outcomes = [];
    private readonly Dictionary<(Guid Run, string App, int Hour), long> _arrived = [];

    private readonly record struct Outcome(long Stored, long Duplicates, long Dead);

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

    public void Dead(Guid run, string app, int hour, long events)
    {
        Arrived(run, app, hour, events);
        Add(app, hour, new Outcome(0, 0, events));
        DeadEvents += events;
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
            insert into pipeline_outcomes as p (app_id, hour, stored, duplicates, dead) select * from unnest($1, $2, $3, $4, $5)
            on conflict (app_id, hour) do update set stored = p.stored + excluded.stored,
                duplicates = p.duplicates + excluded.duplicates, dead = p.dead + excluded.dead
            """, transaction.Connection, transaction);
        upsert.Parameters.AddWithValue(outcomes.Select(o => o.Key.App).ToArray());
        upsert.Parameters.AddWithValue(outcomes.Select(o => o.Key.Hour).ToArray());
        upsert.Parameters.AddWithValue(outcomes.Select(o => o.Value.Stored).ToArray());
        upsert.Parameters.AddWithValue(outcomes.Select(o => o.Value.Duplicates).ToArray());
        upsert.Parameters.AddWithValue(outcomes.Select(o => o.Value.Dead).ToArray());
        await upsert.ExecuteNonQueryAsync(ct);
    }

    private void Arrived(Guid run, string app, int hour, long events) =>
        _arrived[(run, app, hour)] = _arrived.GetValueOrDefault((run, app, hour)) + events;

    private void Add(string app, int hour, Outcome more)
    {
        var was = _outcomes.GetValueOrDefault((app, hour));
        _outcomes[(app, hour)] = new Outcome(was.Stored + more.Stored, was.Duplicates + more.Duplicates, was.Dead + more.Dead);
    }
}
