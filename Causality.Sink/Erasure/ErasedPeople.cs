using Causality.Contracts.Events;
using Causality.Sink.Flushing;
using Npgsql;

namespace Causality.Sink.Erasure;

/// <summary>
/// Keeps events of erased people out of the lake that were received before the erasure and come later, from the queue, the spool or
/// dead letters. Flushes hold a lock shared while they run, who records an erasure takes it alone: every flush that commits after the
/// record knows of it.
/// </summary>
internal static class ErasedPeople
{
    private const long Lock = 0x6361757361_02;   // "causa", 2: as the key window's, and another

    /// <summary>Waits until no flush runs that cannot know; none begins before the transaction ends.</summary>
    public static async Task HoldFlushes(NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var take = new NpgsqlCommand("select pg_advisory_xact_lock($1)", transaction.Connection, transaction) { Parameters = { new() { Value = Lock } } };
        await take.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Takes the events out that belong to somebody erased, and answers them.</summary>
    public static async Task<IReadOnlyList<FlushEvent>> TakeOut(NpgsqlTransaction transaction, List<FlushEvent> events, CancellationToken ct)
    {
        if (events.Count == 0)
            return [];
        var people = await Read(transaction, [.. events.Select(e => e.Row.AppId).Distinct()], EarliestReceipt(events), ct);
        if (people.Count == 0)
            return [];
        var reader = new EventBatchReader();
        var erased = events.Where(e =>
        {
            reader.Reset(e.Row.Batch);
            return reader.Read(e.Row.Frame) is null && people.Any(p => p.Covers(reader));
        }).ToHashSet();
        events.RemoveAll(erased.Contains);
        return [.. erased];
    }

    // whoever publishes may say any number: what is no time is taken at the nearest that is one
    private static DateTimeOffset EarliestReceipt(List<FlushEvent> events) =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(events.Min(e => e.ReceivedHour) * 3600L, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds()));

    /// <summary>Who was erased in these apps after <paramref name="received"/>: nobody, nearly always. Lock and look in one round trip, but two statements: the second must see what the first waited for.</summary>
    private static async Task<List<Person>> Read(NpgsqlTransaction transaction, string[] apps, DateTimeOffset received, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction)
        {
            BatchCommands =
            {
                new("select pg_advisory_xact_lock_shared($1)") { Parameters = { new() { Value = Lock } } },
                new("select app_id, user_id, device_ids, requested_at from erasures where app_id = any($1) and requested_at > $2") { Parameters = { new() { Value = apps }, new() { Value = received } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        var people = new List<Person>();
        while (await reader.ReadAsync(ct))
            people.Add(new Person(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetFieldValue<string[]>(2), reader.GetFieldValue<DateTimeOffset>(3)));
        return people;
    }
}
