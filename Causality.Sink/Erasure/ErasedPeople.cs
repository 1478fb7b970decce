using Causality.Contracts.Events;
using Causality.Sink.Flushing;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Sink.Erasure;

/// <summary>
/// Keeps events of erased people out of the lake that were received before the erasure and come later, from the queue, the spool or
/// dead letters. Flushes hold a lock shared while they commit, who records an erasure takes it alone: every flush that commits after the
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

    /// <summary>Who was erased after the earliest of these events was received, in their apps: nobody, nearly always.</summary>
    public static Task<List<Person>> Of(NpgsqlConnection connection, IReadOnlyCollection<FlushEvent> events, CancellationToken ct) =>
        events.Count == 0 ? Task.FromResult<List<Person>>([]) : Read(connection, [.. events.Select(e => e.AppId).Distinct()], events.Min(e => e.ReceivedHour), ct);

    /// <summary>Who was erased in these apps, or in any, after an hour of receipt. No more are recorded before the transaction ends.</summary>
    public static async Task<List<Person>> Hold(NpgsqlTransaction transaction, string[]? apps, int receivedHour, CancellationToken ct)
    {
        await Join(transaction, ct);
        return await Read(transaction.Connection!, apps, receivedHour, ct);
    }

    /// <summary>The same again, and no more are recorded before the transaction ends.</summary>
    public static async Task<List<Person>> Again(NpgsqlTransaction transaction, IReadOnlyCollection<FlushEvent> events, CancellationToken ct)
    {
        await Join(transaction, ct);
        return await Of(transaction.Connection!, events, ct);   // a statement of its own: it must see what the first waited for
    }

    /// <summary>Takes the events out that belong to these people, and answers them.</summary>
    public static IReadOnlyList<FlushEvent> TakeOut(IReadOnlyCollection<Person> people, List<FlushEvent> events)
    {
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

    private static async Task Join(NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var share = new NpgsqlCommand("select pg_advisory_xact_lock_shared($1)", transaction.Connection, transaction) { Parameters = { new() { Value = Lock } } };
        await share.ExecuteNonQueryAsync(ct);
    }

    private static async Task<List<Person>> Read(NpgsqlConnection connection, string[]? apps, int receivedHour, CancellationToken ct)
    {
        // whoever publishes may say any number: what is no time is taken at the nearest that is one
        var received = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(receivedHour * 3600L, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds()));
        await using var select = new NpgsqlCommand("select app_id, user_id, device_ids, requested_at from erasures where ($1 is null or app_id = any($1)) and requested_at > $2", connection);
        select.Parameters.Add(new NpgsqlParameter { Value = (object?)apps ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        select.Parameters.AddWithValue(received);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var people = new List<Person>();
        while (await reader.ReadAsync(ct))
            people.Add(new Person(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetFieldValue<string[]>(2), reader.GetFieldValue<DateTimeOffset>(3)));
        return people;
    }
}
