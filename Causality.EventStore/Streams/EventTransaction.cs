using System.Data;
using System.Diagnostics;
using Causality.EventStore.Inbox;
using Causality.EventStore.Outbox;
using Causality.EventStore.Projections;
using MassTransit;
using Npgsql;
using NpgsqlTypes;

namespace Causality.EventStore.Streams;

/// <summary>
/// Facts of one or several streams, and rows and messages beside them, that are recorded together or not at all. It collects; nothing reaches the
/// database before <see cref="Commit"/>, which may be called once.
/// </summary>
public sealed class EventTransaction
{
    private const string NotAtThisVersion = "ES409";   // raised by facts_append

    // the facts follow at once; a host that vanishes before that must not hold the readers of all facts back until TCP notices
    private const string TakeAndCommitSoon = "select facts_take($1) from (select set_config('idle_in_transaction_session_timeout', '60s', true)) s";

    private readonly NpgsqlDataSource _database;
    private readonly FactTypes _types;
    private readonly IReadOnlyList<IProjection> _inline;
    private readonly TimeProvider _clock;
    private readonly FactOrigin _origin;
    private readonly OutboxWriter _outbox;
    private readonly List<PendingAppend> _appends = [];
    private readonly List<Outgoing> _messages = [];
    private (ConsumeContext Context, IConsumerTransaction Transaction)? _consumer;
    private bool _written;

    internal EventTransaction(NpgsqlDataSource database, FactTypes types, IReadOnlyList<IProjection> inline, TimeProvider clock, OutboxWriter outbox, FactOrigin origin) =>
        (_database, _types, _inline, _clock, _outbox, _origin) = (database, types, inline, clock, outbox, origin);

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

    /// <summary>
    /// Adds a message for everybody who consumes its type: delivered after the commit, at least once, in the order of the first stream that the
    /// transaction appends to. It waits in the outbox until a queue takes it, so publish only what somebody consumes.
    /// </summary>
    public EventTransaction Publish<T>(T message)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(message);
        _messages.Add((publishing, _, ct) => publishing.Publish(message, ct));
        return this;
    }

    /// <summary>Adds a message for one endpoint, <c>exchange:name-of-its-queue</c>; as <see cref="Publish"/> otherwise.</summary>
    public EventTransaction Send<T>(Uri endpoint, T message)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(message);
        _messages.Add(async (_, sending, ct) => await (await sending.GetSendEndpoint(endpoint)).Send(message, ct));
        return this;
    }

    /// <summary>Records everything. Throws <see cref="StreamConflictException"/> when a stream has moved on; nothing is written then.</summary>
    public async Task Commit(CancellationToken ct)
    {
        if (_consumer is { } consumer)
        {
            await WriteInto(consumer.Context, consumer.Transaction, ct);
            return;
        }
        if (_appends.Count == 0 && Rows.Commands.Count == 0 && _messages.Count == 0)
            return;
        var messages = await _outbox.Prepare(_messages, _origin.CorrelationId, ct);
        await using var connection = await _database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);   // travels with the first statement
        await Write(connection, transaction, messages, commit: true, ct);
        if (messages.Count > 0)
            _outbox.Committed();
    }

    /// <summary>Makes it a part of a consumer's transaction.</summary>
    internal EventTransaction JoinedTo(ConsumeContext context, IConsumerTransaction transaction)
    {
        _consumer = (context, transaction);
        return this;
    }

    // a consumer may catch what is thrown and go on: what this one has written until then must not count, and the rest must. A transaction
    // that is left aborted would commit nothing without a word, and the message would be gone
    private async Task WriteInto(ConsumeContext context, IConsumerTransaction consumer, CancellationToken ct)
    {
        const string before = "before_facts";
        await consumer.Transaction.SaveAsync(before, CancellationToken.None);
        try
        {
            await Write(consumer.Connection, consumer.Transaction, ct);
        }
        catch (Exception) when (consumer.Connection.FullState == ConnectionState.Open)   // refused, cancelled or out of time; not when the session has ended
        {
            await consumer.Transaction.RollbackAsync(before, CancellationToken.None);
            throw;
        }
        await consumer.Transaction.ReleaseAsync(before, CancellationToken.None);
        if (_appends.Count > 0)
            consumer.OrderBy(_appends[0].Stream.ToString());
        foreach (var message in _messages)
            await message(context, context, ct);
    }

    /// <summary>Writes into a transaction that somebody else commits.</summary>
    internal Task Write(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct) => Write(connection, transaction, [], commit: false, ct);

    private async Task Write(NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<OutboxMessage> messages, bool commit, CancellationToken ct)
    {
        if (_written)
            throw new InvalidOperationException("The transaction was written before. Begin another.");
        _written = true;
        var recorded = Record(await TakeNumbers(connection, transaction, _appends.Sum(a => a.Facts.Count), commit, ct));
        foreach (var fact in recorded.SelectMany(facts => facts))
            foreach (var projection in _inline)
                projection.Apply(fact, Rows);

        await using var batch = new NpgsqlBatch(connection, transaction);
        // in one order for everybody, so that two transactions cannot wait for each other's streams
        foreach (var (append, facts) in _appends.Zip(recorded).OrderBy(a => a.First.Stream.ToString(), StringComparer.Ordinal))
            batch.BatchCommands.Add(Statement(append, facts));
        foreach (var row in Rows.Commands)
            batch.BatchCommands.Add(row);
        // after the appends: the first stream's row is held then, so that numbers within it have the order of the commits
        foreach (var message in messages)
            batch.BatchCommands.Add(OutboxTable.Insert(message, Lane(messages), _clock.GetUtcNow()));
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

    private string Lane(IReadOnlyList<OutboxMessage> messages) => _appends.Count > 0 ? _appends[0].Stream.ToString() : $"message/{messages[0].Id}";

    private static async Task<Queue<long>> TakeNumbers(NpgsqlConnection connection, NpgsqlTransaction transaction, int count, bool commit, CancellationToken ct)
    {
        var numbers = new Queue<long>(count);
        if (count == 0)
            return numbers;
        await using var take = new NpgsqlCommand(commit ? TakeAndCommitSoon : "select facts_take($1)", connection, transaction) { Parameters = { new() { Value = count } } };
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
