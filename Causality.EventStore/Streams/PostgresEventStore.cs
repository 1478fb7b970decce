using Causality.EventStore.Outbox;
using Causality.EventStore.Projections;
using Npgsql;

namespace Causality.EventStore.Streams;

internal sealed class PostgresEventStore(NpgsqlDataSource database, FactTypes types, IEnumerable<InlineProjection> inline, TimeProvider clock, OutboxWriter outbox) : IEventStore
{
    private readonly IReadOnlyList<IProjection> _inline = [.. inline.Select(i => i.Projection)];

    public async Task<Loaded<T>> Load<T>(StreamId stream, CancellationToken ct) where T : IAggregate<T>
    {
        var facts = await Read(stream, ct);
        return new Loaded<T>(stream, facts.Count, facts.Aggregate(T.Initial, (state, recorded) => state.Apply(recorded.Fact)));
    }

    public async Task<IReadOnlyList<Recorded>> Read(StreamId stream, CancellationToken ct)
    {
        await using var select = database.CreateCommand($"select {FactLog.Columns} from facts where stream = $1 order by version");
        select.Parameters.Add(new() { Value = stream.ToString() });
        return await FactLog.Read(select, types, ct);
    }

    public EventTransaction Begin(FactOrigin origin) => new(database, types, _inline, clock, outbox, origin);

    public Task Append(StreamId stream, long expectedVersion, IReadOnlyList<object> facts, FactOrigin origin, CancellationToken ct) =>
        facts.Count == 0 ? Task.CompletedTask : Begin(origin).Append(stream, expectedVersion, facts).Commit(ct);
}
