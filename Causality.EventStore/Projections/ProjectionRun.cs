using Causality.EventStore.Streams;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Causality.EventStore.Projections;

/// <summary>
/// One projection on one host: waits for the lead, then follows the facts. It polls, faster while there is something to read, since a
/// NOTIFY with each append would make all commits of the database queue for one lock.
/// </summary>
internal sealed class ProjectionRun(IProjection projection, NpgsqlDataSource database, FactTypes types, ProjectionMetrics metrics, TimeProvider clock, ILogger log)
{
    private const int MostFacts = 500;
    private static readonly TimeSpan Busy = TimeSpan.FromMilliseconds(100), Quiet = TimeSpan.FromSeconds(1), Standby = TimeSpan.FromSeconds(1);

    // PostgreSQL's classes of errors that say nothing of the fact: connection, transaction state, rollback, resources, locks, operator, system
    private static readonly string[] Passing = ["08", "25", "40", "53", "55", "57", "58"];

    private int _failures, _troubles;   // in a row: of the projection, and of what it stands on
    private string? _told;

    public async Task Follow(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            TimeSpan wait;
            try
            {
                await using var leadership = await Leadership.TryTake(database, projection.Name, ct);
                if (leadership is null)
                    (_failures, _troubles) = (0, 0);
                else
                    await Lead(leadership.Connection, ct);
                wait = _failures == 0 ? Standby : Backoff(_failures, TimeSpan.FromMinutes(1));
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                wait = Backoff(++_troubles, TimeSpan.FromSeconds(10));
                log.NotFollowed(e, projection.Name, wait);
            }
            await Task.Delay(wait, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static TimeSpan Backoff(int times, TimeSpan longest) => TimeSpan.FromSeconds(Math.Min(Math.Pow(2, times - 1), longest.TotalSeconds));

    /// <summary>Applies facts until it cannot. Another host may lead then: perhaps one whose program is mended.</summary>
    private async Task Lead(NpgsqlConnection connection, CancellationToken ct)
    {
        var (position, failed) = await TakeUp(connection, ct);
        if (!failed)   // a retry is no news
            log.Leads(projection.Name, position);
        // with few facts also after trouble: a batch that took too long would do so again and again
        var (most, pause) = (failed || _troubles > 0 ? 1 : MostFacts, Busy);
        while (true)
        {
            Advance advance;
            try
            {
                advance = await Apply(connection, position, most, ct);
            }
            catch (Exception e) when (IsOfTheProjection(e, connection))
            {
                if (most == 1)
                {
                    await StandStill(connection, position, e, ct);
                    return;
                }
                most = 1;   // up to the fact that it throws at, one by one
                continue;
            }
            if (advance.Lost)
            {
                log.Overtaken(projection.Name, position);
                return;
            }
            (position, _troubles) = (advance.Position, 0);
            if (advance.Facts > 0)
            {
                if (failed)
                    log.GoesOn(projection.Name, position);
                (failed, _failures, _told) = (false, 0, null);
            }
            if (advance.Facts == most)
            {
                most = Math.Min(most * 2, MostFacts);
                continue;
            }
            most = MostFacts;
            pause = advance.Facts > 0 ? Busy : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, Quiet.Ticks));
            await Task.Delay(pause, clock, ct);
        }
    }

    /// <summary>A batch of facts, their rows and the new position, in one transaction.</summary>
    private async Task<Advance> Apply(NpgsqlConnection connection, long position, int most, CancellationToken ct)
    {
        var highWater = await FactLog.HighWater(connection, ct);
        if (highWater <= position)
            return new Advance(position, 0);
        var facts = await FactLog.After(connection, types, position, highWater, most, ct);
        var rows = facts.Aggregate(new Rows(), (rows, fact) => projection.Apply(fact, rows));
        var next = facts.Count == most ? facts[^1].Sequence : highWater;

        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(Move(position, next));
        foreach (var row in rows.Commands)
            batch.BatchCommands.Add(row);
        await batch.ExecuteNonQueryAsync(ct);
        if (batch.BatchCommands[0].RecordsAffected == 0)
            return new Advance(position, 0, Lost: true);
        await transaction.CommitAsync(ct);
        metrics.Applied(projection.Name, facts.Count);
        return new Advance(next, facts.Count);
    }

    // first of the batch: whoever else believes to lead waits here, then finds another position and rolls back
    private NpgsqlBatchCommand Move(long position, long next) =>
        new("update projections set position = $3, updated_at = now(), failed_at = null, failed_sequence = null, error = null where name = $1 and position = $2")
        {
            Parameters = { new() { Value = projection.Name }, new() { Value = position }, new() { Value = next } },
        };

    private async Task<(long Position, bool Failed)> TakeUp(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("insert into projections (name) values ($1) on conflict do nothing") { Parameters = { new() { Value = projection.Name } } },
                new("select position, failed_at is not null from projections where name = $1") { Parameters = { new() { Value = projection.Name } } },
            },
        };
        await using var row = await batch.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        return (row.GetInt64(0), row.GetBoolean(1));
    }

    private async Task StandStill(NpgsqlConnection connection, long position, Exception e, CancellationToken ct)
    {
        _failures++;
        metrics.Failed(projection.Name);
        await using var update = new NpgsqlCommand(
            """
            update projections set failed_at = coalesce(failed_at, now()), failed_sequence = coalesce((select min(sequence) from facts where sequence > position), position + 1), error = $3
            where name = $1 and position = $2 returning failed_sequence
            """, connection)
        {
            Parameters = { new() { Value = projection.Name }, new() { Value = position }, new() { Value = e.Message } },
        };
        var sequence = await update.ExecuteScalarAsync(ct) as long?;
        if (sequence is null || _told == $"{sequence} {e.Message}")
            return;
        _told = $"{sequence} {e.Message}";
        log.StandsStill(e, projection.Name, sequence.Value);
    }

    private static bool IsOfTheProjection(Exception e, NpgsqlConnection connection) =>
        connection.FullState == System.Data.ConnectionState.Open
        && e is not OperationCanceledException
        && (e is not NpgsqlException || (e is PostgresException error && !Passing.Contains(error.SqlState[..2])));

    private readonly record struct Advance(long Position, int Facts, bool Lost = false);
}
