using Npgsql;

namespace Causality.Sink.Flushing;

/// <summary>From receipt to commit, event by event: what the Pipeline page calls freshness. Counted in buckets, written in the flush's transaction.</summary>
internal static class Delays
{
    private static readonly long[] BoundsMs = [250, 500, 750, 1_000, 1_500, 2_000, 3_000, 4_000, 5_000, 6_000, 8_000, 10_000, 15_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 86_400_000, long.MaxValue];

    public static async Task Write(NpgsqlTransaction transaction, IEnumerable<FlushEvent> events, DateTimeOffset now, CancellationToken ct)
    {
        var nowMs = now.ToUnixTimeMilliseconds();
        var counted = events.CountBy(e => (App: e.AppId, AtMost: Bound(nowMs - e.ReceivedAtMs)))
            .OrderBy(c => c.Key.App, StringComparer.Ordinal).ThenBy(c => c.Key.AtMost).ToList();
        await using var upsert = new NpgsqlCommand(
            """
            insert into pipeline_delays as d (app_id, minute, at_most_ms, events)
            select app_id, $1, at_most_ms, events from unnest($2, $3, $4) as u(app_id, at_most_ms, events)
            on conflict (app_id, minute, at_most_ms) do update set events = d.events + excluded.events
            """, transaction.Connection, transaction);
        upsert.Parameters.AddWithValue((int)(nowMs / 60_000));
        upsert.Parameters.AddWithValue(counted.Select(c => c.Key.App).ToArray());
        upsert.Parameters.AddWithValue(counted.Select(c => c.Key.AtMost).ToArray());
        upsert.Parameters.AddWithValue(counted.Select(c => (long)c.Value).ToArray());
        await upsert.ExecuteNonQueryAsync(ct);
    }

    private static long Bound(long delayMs)
    {
        var found = Array.BinarySearch(BoundsMs, delayMs);
        return BoundsMs[found < 0 ? ~found : found];
    }
}
