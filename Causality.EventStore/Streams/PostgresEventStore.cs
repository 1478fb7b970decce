using System.Runtime.CompilerServices;
using Causality.EventStore.Projections;
using Npgsql;

namespace Causality.EventStore.Streams;

internal sealed class PostgresEventStore(NpgsqlDataSource database, FactTypes types, IEnumerable<InlineProjection> inline, TimeProvider clock) : IEventStore
{
    internal const string Columns = "sequence, id, stream, version, name, schema, data, at, actor, actor_name, tenant, correlation_id, causation_id, trace_id, address";

    private readonly IReadOnlyList<IProjection> _inline = [.. inline.Select(i => i.Projection)];

    public async Task<Loaded<T>> Load<T>(StreamId stream, CancellationToken ct) where T : IAggregate<T>
    {
        var facts = await Read(stream, ct);
        return new Loaded<T>(stream, facts.Count, facts.Aggregate(T.Initial, (state, recorded) => state.Apply(recorded.Fact)));
    }

    public async Task<IReadOnlyList<Recorded>> Read(StreamId stream, CancellationToken ct)
    {
        await using var select = database.CreateCommand($"select {Columns} from facts where stream = $1 order by version");
        select.Parameters.Add(new() { Value = stream.ToString() });
        await using var rows = await select.ExecuteReaderAsync(ct);
        var facts = new List<Recorded>();
        await foreach (var fact in Rows(rows, types, ct))
            facts.Add(fact);
        return facts;
    }

    public EventTransaction Begin(FactOrigin origin) => new(database, types, _inline, clock, origin);

    public Task Append(StreamId stream, long expectedVersion, IReadOnlyList<object> facts, FactOrigin origin, CancellationToken ct) =>
        facts.Count == 0 ? Task.CompletedTask : Begin(origin).Append(stream, expectedVersion, facts).Commit(ct);

    internal static async IAsyncEnumerable<Recorded> Rows(NpgsqlDataReader rows, FactTypes types, [EnumeratorCancellation] CancellationToken ct)
    {
        string? Text(int column) => rows.IsDBNull(column) ? null : rows.GetString(column);
        while (await rows.ReadAsync(ct))
        {
            var name = rows.GetString(4);
            var (fact, data) = types.Read(name, rows.GetInt32(5), rows.GetString(6));
            yield return new Recorded(rows.GetInt64(0), rows.GetGuid(1), StreamId.Parse(rows.GetString(2)), rows.GetInt64(3), name, data, fact,
                rows.GetFieldValue<DateTimeOffset>(7), new FactOrigin(rows.GetString(8), Text(9), Text(10), Text(11), Text(12), Text(14)), Text(13));
        }
    }
}
