using Npgsql;

namespace Causality.Lake.Catalog;

/// <summary>How often an app stored events of one type with payloads of one shape within a flush, and when (event time).</summary>
public sealed record PayloadCount(string AppId, string EventType, PayloadShape Shape, long Events, long FirstSeenMs, long LastSeenMs);

/// <summary>
/// Which properties the payloads of each app and event type have, with what kinds of value: the catalog's part of a flush's transaction. It
/// holds the first <paramref name="most"/> properties of a type; events that have more are counted beside them. Flushes commit one at a time, of all
/// sinks: else two would fill the last place of a type, and this needed locks.
/// </summary>
public sealed class PropertyCatalog(int most)
{
    /// <summary>Bytes of names that are remembered; more, and all are read anew.</summary>
    internal const int MostBytes = 4 * 1024 * 1024;

    /// <summary>What a name, or a type, takes beside its characters: objects, and its place in a set.</summary>
    private const int BytesBeside = 64;

    // what was seen committed; names are never taken out of the table, so it stays true
    private readonly Dictionary<(string App, string Type), HashSet<string>> _known = [];

    /// <summary>Bytes of names that are remembered, about.</summary>
    internal long Bytes { get; private set; }

    private sealed class Row(string appId, string eventType, string property)
    {
        public string AppId => appId;

        public string EventType => eventType;

        public string Property => property;

        public long[] Kinds { get; } = new long[Enum.GetValues<ValueKind>().Length];

        /// <summary>Whose events were added last: a property that a payload has twice counts once.</summary>
        public PayloadCount? Of { get; set; }

        public long FirstSeenMs { get; set; } = long.MaxValue;

        public long LastSeenMs { get; set; } = long.MinValue;
    }

    /// <summary>Adds what a flush stores. Takes its rows in key order.</summary>
    public async Task Count(NpgsqlTransaction transaction, IReadOnlyCollection<PayloadCount> payloads, CancellationToken ct)
    {
        var types = payloads.GroupBy(p => (App: p.AppId, Type: p.EventType)).OrderBy(t => t.Key.App, StringComparer.Ordinal).ThenBy(t => t.Key.Type, StringComparer.Ordinal).ToList();
        var held = await Held(transaction, types, ct);
        var (rows, beyond) = (new List<Row>(), new List<PayloadCount>());
        foreach (var type in types)
        {
            var ofType = new Dictionary<string, Row>();
            foreach (var payload in type)
            {
                var all = !payload.Shape.HasUnnamed;
                foreach (var (property, kind) in payload.Shape.Properties)
                {
                    if (!held[type.Key].Contains(property))
                    {
                        all = false;
                        continue;
                    }
                    if (!ofType.TryGetValue(property, out var row))
                        ofType.Add(property, row = new Row(type.Key.App, type.Key.Type, property));
                    if (ReferenceEquals(row.Of, payload))
                        continue;
                    row.Of = payload;
                    row.Kinds[(int)kind] += payload.Events;
                    (row.FirstSeenMs, row.LastSeenMs) = (Math.Min(row.FirstSeenMs, payload.FirstSeenMs), Math.Max(row.LastSeenMs, payload.LastSeenMs));
                }
                if (!all)
                    beyond.Add(payload);
            }
            rows.AddRange(ofType.Values.OrderBy(r => r.Property, StringComparer.Ordinal));
        }
        await Add(transaction, rows, ct);
        await AddBeyond(transaction, beyond, ct);
    }

    /// <summary>For each type the properties that the catalog has, or takes now: of new ones those of the most events, as far as there is room.</summary>
    private async Task<Dictionary<(string App, string Type), HashSet<string>>> Held(NpgsqlTransaction transaction, IEnumerable<IGrouping<(string App, string Type), PayloadCount>> types, CancellationToken ct)
    {
        var (held, growing) = (new Dictionary<(string App, string Type), HashSet<string>>(), new List<IGrouping<(string App, string Type), PayloadCount>>());
        foreach (var type in types)
            if (_known.TryGetValue(type.Key, out var known) && (known.Count >= most || type.All(t => t.Shape.Properties.All(p => known.Contains(p.Name)))))
                held.Add(type.Key, known);
            else
                growing.Add(type);
        if (growing.Count == 0)
            return held;
        var read = await Read(transaction, [.. growing.Select(t => t.Key)], ct);
        foreach (var type in growing)
        {
            var known = Remember(type.Key, [.. read[type.Key]]);
            var added = type.SelectMany(t => t.Shape.Properties.Where(p => !known.Contains(p.Name)).Select(p => (p.Name, t.Events)))
                .GroupBy(p => p.Name, p => p.Events).OrderByDescending(p => p.Sum()).ThenBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Key);
            held.Add(type.Key, [.. known, .. added.Take(Math.Max(0, most - known.Count))]);
        }
        return held;
    }

    private HashSet<string> Remember((string App, string Type) type, HashSet<string> names)
    {
        if (_known.Remove(type, out var before))
            Bytes -= Size(type, before);
        var bytes = Size(type, names);
        if (Bytes + bytes > MostBytes)
        {
            _known.Clear();
            Bytes = 0;
        }
        if (bytes <= MostBytes)
        {
            _known.Add(type, names);
            Bytes += bytes;
        }
        return names;
    }

    private static long Size((string App, string Type) type, HashSet<string> names) =>
        (type.App.Length + type.Type.Length) * sizeof(char) + BytesBeside + names.Sum(n => (long)n.Length * sizeof(char) + BytesBeside);

    /// <summary>What the table has of these types.</summary>
    private static async Task<ILookup<(string App, string Type), string>> Read(NpgsqlTransaction transaction, IReadOnlyList<(string App, string Type)> types, CancellationToken ct)
    {
        await using var select = new NpgsqlCommand(
            "select c.app_id, c.event_type, c.property from unnest($1, $2) as t(app_id, event_type) join property_catalog c using (app_id, event_type)", transaction.Connection, transaction);
        select.Parameters.AddWithValue(types.Select(t => t.App).ToArray());
        select.Parameters.AddWithValue(types.Select(t => t.Type).ToArray());
        await using var reader = await select.ExecuteReaderAsync(ct);
        var properties = new List<(string App, string Type, string Property)>();
        while (await reader.ReadAsync(ct))
            properties.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        return properties.ToLookup(p => (p.App, p.Type), p => p.Property);
    }

    private static async Task Add(NpgsqlTransaction transaction, List<Row> rows, CancellationToken ct)
    {
        if (rows.Count == 0)
            return;
        await using var upsert = new NpgsqlCommand(
            """
            insert into property_catalog as c (app_id, event_type, property, texts, numbers, booleans, lists, objects, nulls, first_seen_ms, last_seen_ms)
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            on conflict (app_id, event_type, property) do update set texts = c.texts + excluded.texts, numbers = c.numbers + excluded.numbers,
                booleans = c.booleans + excluded.booleans, lists = c.lists + excluded.lists, objects = c.objects + excluded.objects, nulls = c.nulls + excluded.nulls,
                first_seen_ms = least(c.first_seen_ms, excluded.first_seen_ms), last_seen_ms = greatest(c.last_seen_ms, excluded.last_seen_ms)
            """, transaction.Connection, transaction);
        upsert.Parameters.AddWithValue(rows.Select(r => r.AppId).ToArray());
        upsert.Parameters.AddWithValue(rows.Select(r => r.EventType).ToArray());
        upsert.Parameters.AddWithValue(rows.Select(r => r.Property).ToArray());
        foreach (var kind in Enum.GetValues<ValueKind>())
            upsert.Parameters.AddWithValue(rows.Select(r => r.Kinds[(int)kind]).ToArray());
        upsert.Parameters.AddWithValue(rows.Select(r => r.FirstSeenMs).ToArray());
        upsert.Parameters.AddWithValue(rows.Select(r => r.LastSeenMs).ToArray());
        await upsert.ExecuteNonQueryAsync(ct);
    }

    private static async Task AddBeyond(NpgsqlTransaction transaction, List<PayloadCount> beyond, CancellationToken ct)
    {
        if (beyond.Count == 0)
            return;
        var types = beyond.GroupBy(p => (p.AppId, p.EventType)).ToList();   // in key order, as they came
        await using var upsert = new NpgsqlCommand(
            """
            insert into property_catalog_beyond as b (app_id, event_type, events, first_seen_ms, last_seen_ms) select * from unnest($1, $2, $3, $4, $5)
            on conflict (app_id, event_type) do update set events = b.events + excluded.events,
                first_seen_ms = least(b.first_seen_ms, excluded.first_seen_ms), last_seen_ms = greatest(b.last_seen_ms, excluded.last_seen_ms)
            """, transaction.Connection, transaction);
        upsert.Parameters.AddWithValue(types.Select(t => t.Key.AppId).ToArray());
        upsert.Parameters.AddWithValue(types.Select(t => t.Key.EventType).ToArray());
        upsert.Parameters.AddWithValue(types.Select(t => t.Sum(p => p.Events)).ToArray());
        upsert.Parameters.AddWithValue(types.Select(t => t.Min(p => p.FirstSeenMs)).ToArray());
        upsert.Parameters.AddWithValue(types.Select(t => t.Max(p => p.LastSeenMs)).ToArray());
        await upsert.ExecuteNonQueryAsync(ct);
    }
}
