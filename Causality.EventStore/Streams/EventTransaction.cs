using System.Diagnostics;
using Causality.EventStore.Projections;
using Npgsql;
using NpgsqlTypes;

namespace Causality.EventStore.Streams;

/// <summary>
/// Facts of one or several streams, and rows beside them, that are recorded together or not at all. It collects; nothing reaches the
/// database before <see cref="Commit"/>, which may be called once.
/// </summary>
public sealed class EventTransaction
{
    private const string NotAtThisVersion = "ES409";   // raised by facts_append

    private readonly NpgsqlDataSource _database;
    private readonly FactTypes _types;
    private readonly IReadOnlyList<IProjection> _inline;
    private readonly TimeProvider _clock;
    private readonly FactOrigin _origin;
    private readonly List<PendingAppend> _appends = [];
    private bool _written;

    internal EventTransaction(NpgsqlDataSource database, FactTypes types, IReadOnlyList<IProjection> inline, TimeProvider clock, FactOrigin origin) =>
        (_database, _types, _inline, _clock, _origin) = (database, types, inline, clock, origin);

    /// <summary>Statements that commit with the facts, after them.</summary>
    public Rows Rows { get; } = new();

    /// <summary>
    /// Adds facts to a stream that must be at <paramref name="expectedVersion"/> when the transaction commits; 0 expects that there is no
    /// such stream. Throws <see cref="InvalidOperationException"/> for a type that <c>AddFacts</c> was not told of.
    /// </summary>
    public EventTransaction Append(StreamId stream, long expectedVersion, params IReadOnlyList<object> facts)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expectedVersion);
        ArgumentNullException.ThrowIfNull(facts);
        if (_appends.Any(a => a.Stream == stream))
            throw new InvalidOperationException($"The transaction appends to {stream} already.");
        if (facts.Count > 0)
            _appends.Add(new PendingAppend(stream, expectedVersion, [.. facts.Select(fact => (fact, _types.Write(fact)))]));
        return this;
    }

    /// <summary>Records everything. Throws <see cref="StreamConflictException"/> when a stream has moved on; nothing is written then.</summary>
    public async Task Commit(CancellationToken ct)
    {
        if (_appends.Count == 0 && Rows.Commands.Count == 0)
            return;
        await using var connection = await _database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);   // travels with the first statement
        await Write(connection, transaction, commit: true, ct);
    }

    /// <summary>Writes into a transaction that somebody else commits.</summary>
    internal Task Write(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct) => Write(connection, transaction, commit: false, ct);

    private async Task Write(NpgsqlConnection connection, NpgsqlTransaction transaction, bool commit, CancellationToken ct)
    {
        if (_written)
            throw new InvalidOperationException("The transaction was written before. Begin another.");
        _written = true;
        var recorded = Record(await TakeNumbers(connection, transaction, _appends.Sum(a => a.Facts.Count), ct));
        foreach (var fact in recorded.SelectMany(facts => facts))
            foreach (var projection in _inline)
                projection.Apply(fact, Rows);

        await using var batch = new NpgsqlBatch(connection, transaction);
        // in one order for everybody, so that two transactions cannot wait for each other's streams
        foreach (var (append, facts) in _appends.Zip(recorded).OrderBy(a => a.First.Stream.ToString(), StringComparer.Ordinal))
            batch.BatchCommands.Add(Statement(append, facts));
        foreach (var row in Rows.Commands)
            batch.BatchCommands.Add(row);
        if (commit)
            batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));   // not a round trip of its own; skipped when a statement fails
        if (batch.BatchCommands.Count == 0)
            return;
        try
        {
            await batch.ExecuteNonQueryAsync(ct);
        }
        catch (PostgresException e) when (e.SqlState == NotAtThisVersion)
        {
            var conflict = _appends.Single(a => a.Stream.ToString() == e.ConstraintName);
            throw new StreamConflictException(conflict.Stream, conflict.Expected, e);
        }
    }

    private static async Task<Queue<long>> TakeNumbers(NpgsqlConnection connection, NpgsqlTransaction transaction, int count, CancellationToken ct)
    {
        var numbers = new Queue<long>(count);
        if (count == 0)
            return numbers;
        await using var take = new NpgsqlCommand("select facts_take($1)", connection, transaction) { Parameters = { new() { Value = count } } };
        await using var reader = await take.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            numbers.Enqueue(reader.GetInt64(0));
        return numbers;
    }

    // numbers are given in the order in which the facts were added
    private List<List<Recorded>> Record(Queue<long> numbers)
    {
        var (now, trace) = (_clock.GetUtcNow(), Activity.Current?.TraceId.ToString());
        var at = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));   // what PostgreSQL keeps, so that a projection sees the same now and on a rebuild
        return [.. _appends.Select(append => append.Facts.Select((fact, place) =>
            new Recorded(numbers.Dequeue(), Guid.CreateVersion7(now), append.Stream, append.Expected + place + 1, fact.Written.Name, fact.Written.Data, fact.Fact, at, _origin, trace)).ToList())];
    }

    private NpgsqlBatchCommand Statement(PendingAppend append, List<Recorded> facts) => new("select facts_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)")
    {
        Parameters =
        {
            new() { Value = append.Stream.ToString() },
            new() { Value = append.Expected },
            new() { Value = append.Stream.Type },
            new() { Value = facts[0].At },
            new() { Value = _origin.Actor },
            Text(_origin.ActorName),
            Text(_origin.Tenant),
            Text(_origin.CorrelationId),
            Text(_origin.CausationId),
            Text(facts[0].TraceId),
            Text(_origin.Address),
            new() { Value = facts.Select(f => f.Sequence).ToArray() },
            new() { Value = facts.Select(f => f.Id).ToArray() },
            new() { Value = facts.Select(f => f.Name).ToArray() },
            new() { Value = append.Facts.Select(f => f.Written.Version).ToArray() },
            new() { Value = facts.Select(f => f.Data).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb },
        },
    };

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private sealed record PendingAppend(StreamId Stream, long Expected, IReadOnlyList<(object Fact, (string Name, int Version, string Data) Written)> Facts);
}
