using Causality.Contracts;
using Causality.Contracts.Events;
using Causality.Sink.Flushing;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Sink.DeadLetters;

/// <summary>Which open letters are meant: these, or all with a reason; of one app, or of all; that were kept before a moment, or before now.</summary>
internal sealed record Selection(IReadOnlyList<Guid>? Ids, string? Reason, string? AppId, DateTimeOffset? Before = null);

/// <summary>What was decided: so many letters, and the events that they stand for.</summary>
internal readonly record struct Decided(long Letters, long Events);

/// <summary>The points between which a replay can die.</summary>
internal enum ReplayStep
{
    Decided,
    Sent,
}

/// <summary>
/// Decides on open letters, some hundreds in each transaction, together with the books: a replay moves them from dead to in flight, since they are on
/// their way again, a discard from dead to discarded. Letters that die while it goes on are left alone, so a replay that fails again ends.
/// </summary>
internal sealed class DecideLetters(NpgsqlDataSource database, IFailPoint failPoint, TimeProvider clock)
{
    internal const int AtOnce = 500;

    /// <summary>Gives each letter the id of the message that it will be sent as. <see cref="SendReplays"/> does the rest.</summary>
    public Task<Decided> Replay(Selection which, string by, CancellationToken ct) => InParts(which, async (transaction, letters) =>
    {
        var books = new Books();
        foreach (var letter in letters)
            books.Replayed(letter.Counts, letter.Events);
        await books.Write(transaction, ct);
        await books.WritePublished(transaction, ct);
        await using var update = new NpgsqlCommand(
            "update dead_letters d set state = 'replaying', replayed_message_id = r.message_id, resolved_at = $3, resolved_by = $4 from unnest($1, $2) as r (id, message_id) where d.id = r.id",
            transaction.Connection, transaction);
        update.Parameters.AddWithValue(letters.Select(l => l.Id).ToArray());
        update.Parameters.AddWithValue(letters.Select(_ => Guid.CreateVersion7()).ToArray());
        update.Parameters.AddWithValue(clock.GetUtcNow());
        update.Parameters.AddWithValue(by);
        await update.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        failPoint.At(ReplayStep.Decided);
    }, ct);

    /// <summary>Gives the events up for good: their bytes are removed.</summary>
    public Task<Decided> Discard(Selection which, string by, CancellationToken ct) => InParts(which, async (transaction, letters) =>
    {
        var books = new Books();
        foreach (var letter in letters)
            books.Discarded(letter.Counts, letter.Events);
        await books.Write(transaction, ct);
        await using var update = new NpgsqlCommand("update dead_letters set state = 'discarded', body = '', resolved_at = $2, resolved_by = $3 where id = any($1)", transaction.Connection, transaction);
        update.Parameters.AddWithValue(letters.Select(l => l.Id).ToArray());
        update.Parameters.AddWithValue(clock.GetUtcNow());
        update.Parameters.AddWithValue(by);
        await update.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
    }, ct);

    private async Task<Decided> InParts(Selection which, Func<NpgsqlTransaction, IReadOnlyList<OpenLetter>, Task> decide, CancellationToken ct)
    {
        await using var now = database.CreateCommand("select least(now(), $1)");
        now.Parameters.Add(new() { Value = (object?)which.Before?.ToUniversalTime() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        var asked = (DateTime)(await now.ExecuteScalarAsync(ct))!;
        for (var decided = new Decided(0, 0); ;)
        {
            await using var connection = await database.OpenConnectionAsync(ct);
            await using var transaction = await connection.BeginTransactionAsync(ct);
            var letters = await Take(transaction, which, asked, ct);
            if (letters.Count == 0)
                return decided;
            await decide(transaction, letters);
            decided = new Decided(decided.Letters + letters.Count, decided.Events + letters.Sum(l => l.Events));
        }
    }

    // what another request is deciding on at this moment is its
    private static async Task<IReadOnlyList<OpenLetter>> Take(NpgsqlTransaction transaction, Selection which, DateTime asked, CancellationToken ct)
    {
        await using var select = new NpgsqlCommand(
            $"""
            select id, events, counts from dead_letters
            where state = 'open' and at < $1 and ($2::uuid[] is null or id = any($2)) and ($3::text is null or reason = $3) and ($4::text is null or app_id = $4)
            order by id limit {AtOnce} for update skip locked
            """, transaction.Connection, transaction);
        select.Parameters.AddWithValue(asked);
        select.Parameters.Add(new() { Value = (object?)which.Ids?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        select.Parameters.Add(new() { Value = (object?)which.Reason ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        select.Parameters.Add(new() { Value = (object?)which.AppId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await using var reader = await select.ExecuteReaderAsync(ct);
        var letters = new List<OpenLetter>();
        while (await reader.ReadAsync(ct))
            letters.Add(new OpenLetter(reader.GetGuid(0), reader.GetInt64(1), EventCounts.Parse(reader.GetString(2))));
        return letters;
    }

    private readonly record struct OpenLetter(Guid Id, long Events, EventCounts Counts);
}
