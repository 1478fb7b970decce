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
    private readonly NpgsqlDataSource _database;
    private readonly FactTypes _types;
    private readonly IReadOnlyList<IProjection> _inline;
    private readonly TimeProvider _clock;
    private readonly FactOrigin _origin;
    private readonly List<(StreamId Stream, long Expected, IReadOnlyList<object> Facts)> _appends = [];

    internal EventTransaction(NpgsqlDataSource database, FactTypes types, IReadOnlyList<IProjection> inline, TimeProvider clock, FactOrigin origin) =>
        (_database, _types, _inline, _clock, _origin) = (database, types, inline, clock, origin);

    /// <summary>Statements that commit with the facts, after them.</summary>
    public Rows Rows { get; } = new();

    /// <summary>Adds facts to a stream that must be at <paramref name="expectedVersion"/> when the transaction commits; 0 expects that there is no such stream.</summary>
    public EventTransaction Append(StreamId stream, long expectedVersion, params IReadOnlyList<object> facts)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expectedVersion);
        ArgumentNullException.ThrowIfNull(facts);
        if (_appends.Any(a => a.Stream == stream))
            throw new InvalidOperationException($"The transaction appends to {stream} already.");
        if (facts.Count > 0)
            _appends.Add((stream, expectedVersion, facts));
        return this;
    }

    /// <summary>Records everything. Throws <see cref="StreamConflictException"/> when a stream has moved on; nothing is written then.</summary>
    public async Task Commit(CancellationToken ct)
    {
        await using var connection = await _database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Write(connection, transaction, ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Writes into a transaction that somebody else commits.</summary>
    internal async Task Write(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
    {
        var numbers = await TakeNumbers(connection, transaction, _appends.Sum(a => a.Facts.Count), ct);
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var append in _appends)
            batch.BatchCommands.Add(Statement(append.Stream, append.Expected, append.Facts, numbers));
        foreach (var row in Rows.Commands)
            batch.BatchCommands.Add(row);
        if (batch.BatchCommands.Count == 0)
            return;
        try
        {
            await batch.ExecuteNonQueryAsync(ct);
        }
        catch (PostgresException e) when (Conflict(e) is { } conflict)
        {
            throw conflict;
        }
        for (var i = 0; i < _appends.Count; i++)
            if (batch.BatchCommands[i].RecordsAffected == 0)
                throw new StreamConflictException(_appends[i].Stream, _appends[i].Expected);
    }

    // The announcement must be made before a number is taken: see the function's own words.
    private static async Task<Queue<long>> TakeNumbers(NpgsqlConnection connection, NpgsqlTransaction transaction, int count, CancellationToken ct)
    {
        var numbers = new Queue<long>(count);
        if (count == 0)
            return numbers;
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("select facts_announce()"),
                new NpgsqlBatchCommand("select nextval('facts_sequence') from generate_series(1, $1)") { Parameters = { new() { Value = count } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
            numbers.Enqueue(reader.GetInt64(0));
        return numbers;
    }

    private NpgsqlBatchCommand Statement(StreamId stream, long expected, IReadOnlyList<object> facts, Queue<long> numbers)
    {
        var (at, trace) = (_clock.GetUtcNow(), Activity.Current?.TraceId.ToString());
        var recorded = new List<Recorded>(facts.Count);
        var schemas = new List<int>(facts.Count);
        foreach (var fact in facts)
        {
            var (name, schema, data) = _types.Write(fact);
            schemas.Add(schema);
            recorded.Add(new Recorded(numbers.Dequeue(), Guid.CreateVersion7(), stream, expected + recorded.Count + 1, name, data, fact, at, _origin, trace));
        }
        foreach (var projection in _inline)
            foreach (var fact in recorded)
                projection.Apply(fact, Rows);
        return new NpgsqlBatchCommand(expected == 0 ? FirstFacts : MoreFacts)
        {
            Parameters =
            {
                new() { Value = stream.ToString() },
                new() { Value = expected },
                new() { Value = stream.Type },
                new() { Value = at },
                new() { Value = _origin.Actor },
                Text(_origin.ActorName),
                Text(_origin.Tenant),
                Text(_origin.CorrelationId),
                Text(_origin.CausationId),
                Text(trace),
                Text(_origin.Address),
                new() { Value = recorded.Select(r => r.Sequence).ToArray() },
                new() { Value = recorded.Select(r => r.Id).ToArray() },
                new() { Value = recorded.Select(r => r.Name).ToArray() },
                new() { Value = schemas.ToArray() },
                new() { Value = recorded.Select(r => r.Data).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb },
            },
        };
    }

    private StreamConflictException? Conflict(PostgresException e) =>
        _appends.Count > 0 && (e is { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "streams" or "facts" } or { SqlState: PostgresErrorCodes.DeadlockDetected })
            ? new StreamConflictException(_appends[0].Stream, _appends[0].Expected, e)
            : null;

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private const string InsertFacts =
        """
        insert into facts (sequence, id, stream, version, name, schema, data, at, actor, actor_name, tenant, correlation_id, causation_id, trace_id, address)
        select f.sequence, f.id, $1, $2 + f.place, f.name, f.schema, f.data, $4, $5, $6, $7, $8, $9, $10, $11
        from stream, unnest($12, $13, $14, $15, $16) with ordinality as f (sequence, id, name, schema, data, place)
        """;

    private const string FirstFacts =
        $"""
        with stream as (
            insert into streams (id, type, version, tenant, created_at) values ($1, $3, $2 + cardinality($12), $7, $4) returning id)
        {InsertFacts}
        """;

    private const string MoreFacts =
        $"""
        with stream as (
            update streams set version = version + cardinality($12) where id = $1 and version = $2 and type = $3 returning id)
        {InsertFacts}
        """;
}
