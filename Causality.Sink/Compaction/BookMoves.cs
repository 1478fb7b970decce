using Npgsql;

namespace Causality.Sink.Compaction;

/// <summary>What a swap changes in the books of an app, per hour of receipt, in its transaction.</summary>
internal static class BookMoves
{
    /// <summary>Copies that were stored though they are duplicates.</summary>
    public static Task Duplicates(NpgsqlTransaction transaction, string appId, IReadOnlyDictionary<int, long> byHour, CancellationToken ct) =>
        Add(transaction, "stored = p.stored - m.events, duplicates = p.duplicates + m.events", appId, byHour, ct);

    public static Task Expired(NpgsqlTransaction transaction, string appId, IReadOnlyDictionary<int, long> byHour, CancellationToken ct) =>
        Add(transaction, "expired = p.expired + m.events", appId, byHour, ct);

    public static Task Erased(NpgsqlTransaction transaction, string appId, IReadOnlyDictionary<int, long> byHour, CancellationToken ct) =>
        Add(transaction, "erased = p.erased + m.events", appId, byHour, ct);

    /// <summary>Dead letters of somebody who was erased: their events have got where stored ones would be now.</summary>
    public static Task ErasedDead(NpgsqlTransaction transaction, string appId, IReadOnlyDictionary<int, long> byHour, CancellationToken ct) =>
        Add(transaction, "dead = p.dead - m.events, stored = p.stored + m.events, erased = p.erased + m.events", appId, byHour, ct, sure: false);

    /// <param name="sure">Whether each hour must be there; what a damaged letter says of itself need not.</param>
    private static async Task Add(NpgsqlTransaction transaction, string change, string appId, IReadOnlyDictionary<int, long> byHour, CancellationToken ct, bool sure = true)
    {
        if (byHour.Count == 0)
            return;
        var hours = byHour.OrderBy(h => h.Key).ToList();
        // in the order in which flushes take the same rows
        await using var update = new NpgsqlCommand(
            $"""
            with m as (select p.hour, m.events from unnest($2, $3) as m(hour, events) join pipeline_outcomes p on p.app_id = $1 and p.hour = m.hour order by p.hour for update of p)
            update pipeline_outcomes p set {change} from m where p.app_id = $1 and p.hour = m.hour
            """, transaction.Connection, transaction);
        update.Parameters.AddWithValue(appId);
        update.Parameters.AddWithValue(hours.Select(h => h.Key).ToArray());
        update.Parameters.AddWithValue(hours.Select(h => h.Value).ToArray());
        if (await update.ExecuteNonQueryAsync(ct) != hours.Count && sure)
            throw new InvalidOperationException($"The books of {appId} know nothing of events received in some of the hours {string.Join(", ", hours.Select(h => h.Key))}.");
    }
}
