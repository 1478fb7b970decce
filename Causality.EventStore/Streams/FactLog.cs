using Npgsql;

namespace Causality.EventStore.Streams;

/// <summary>All facts in their order, as far as it is settled.</summary>
internal static class FactLog
{
    public const string Columns = "sequence, id, stream, version, name, schema, data, at, actor, actor_name, tenant, correlation_id, causation_id, trace_id, address";

    /// <summary>The greatest number of which every fact up to it is committed or never will be.</summary>
    public static async Task<long> HighWater(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var ask = new NpgsqlCommand("select facts_high_water()", connection);
        return (long)(await ask.ExecuteScalarAsync(ct))!;
    }

    /// <summary>The facts after <paramref name="position"/>, as many as <paramref name="most"/>, none above <paramref name="highWater"/>, which was asked for before.</summary>
    public static async Task<IReadOnlyList<Recorded>> After(NpgsqlConnection connection, FactTypes types, long position, long highWater, int most, CancellationToken ct)
    {
        await using var select = new NpgsqlCommand($"select {Columns} from facts where sequence > $1 and sequence <= $2 order by sequence limit $3", connection)
        {
            Parameters = { new() { Value = position }, new() { Value = highWater }, new() { Value = most } },
        };
        return await Read(select, types, ct);
    }

    public static async Task<IReadOnlyList<Recorded>> Read(NpgsqlCommand select, FactTypes types, CancellationToken ct)
    {
        await using var rows = await select.ExecuteReaderAsync(ct);
        string? Text(int column) => rows.IsDBNull(column) ? null : rows.GetString(column);
        var facts = new List<Recorded>();
        while (await rows.ReadAsync(ct))
        {
            var name = rows.GetString(4);
            var (fact, data) = types.Read(name, rows.GetInt32(5), rows.GetString(6));
            facts.Add(new Recorded(rows.GetInt64(0), rows.GetGuid(1), StreamId.Parse(rows.GetString(2)), rows.GetInt64(3), name, data, fact,
                rows.GetFieldValue<DateTimeOffset>(7), new FactOrigin(rows.GetString(8), Text(9), Text(10), Text(11), Text(12), Text(14)), Text(13)));
        }
        return facts;
    }
}
