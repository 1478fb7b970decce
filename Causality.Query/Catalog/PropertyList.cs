using Causality.Http;
using Causality.Lake.Properties;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Query.Catalog;

/// <summary>
/// GET /api/v1/catalog/properties?app_id=&amp;event_type=: the properties at the top of the payloads of one event type, or of all, those of the
/// most events first. Counted is what was stored since the first, whatever became of it later.
/// </summary>
internal static class PropertyList
{
    private const int Most = 1_000;

    /// <param name="Total">Properties that there are; at most 1,000 are listed.</param>
    /// <param name="Beyond">What has no row of its own in the catalog; left out where there is nothing such.</param>
    public sealed record Response(IReadOnlyList<Property> Properties, long Total, Beyond? Beyond = null);

    /// <param name="EventType">The one that was asked about; left out for all.</param>
    /// <param name="Events">With the property, whatever its value.</param>
    /// <param name="EventTypes">How many types have it.</param>
    /// <param name="FirstSeen">The earliest event time; left out, as <paramref name="LastSeen"/>, for a chosen property that nobody has sent.</param>
    /// <param name="Column">The column that it has where files are merged and its values fit; left out without one.</param>
    /// <param name="ColumnType">VARCHAR, BIGINT, DOUBLE or BOOLEAN, as the last merge found it; left out before the first, and where its values did not fit.</param>
    /// <param name="Chosen">Whether an admin wants the column, however seldom it is asked.</param>
    public sealed record Property(string Name, Kinds Kinds, long Events, int EventTypes, bool Chosen, DateTimeOffset? FirstSeen = null, DateTimeOffset? LastSeen = null,
        string? EventType = null, string? Column = null, string? ColumnType = null);

    /// <summary>Events by the kind of value; a kind that never came is left out.</summary>
    public sealed record Kinds(long? Text = null, long? Number = null, long? Boolean = null, long? List = null, long? Object = null, long? Null = null);

    /// <param name="Events">That have properties beyond the bound of their type, or with names that no catalog holds.</param>
    /// <param name="EventTypes">Types of which there are such.</param>
    public sealed record Beyond(long Events, long EventTypes);

    public static void Map(IEndpointRouteBuilder properties) =>
        properties.MapGet("", Handle).WithName("property-list").RequireRole(Role.Viewer, In.App);

    internal static async Task<Ok<Response>> Handle([FromQuery(Name = "app_id")] string? appId, [FromQuery(Name = "event_type")] string? eventType, HotProperties hot, NpgsqlDataSource database, CancellationToken ct)
    {
        var app = AskedApp.Of(appId);
        var columns = (await hot.Of(app, ct)).ToDictionary(h => h.Name);
        var (properties, total) = await Read(database, app, eventType, columns, ct);
        if (eventType is null)   // what is chosen shows, also before the first event that has it
            properties.AddRange(columns.Values.Where(h => h.Chosen).ExceptBy(properties.Select(p => p.Name), h => h.Name)
                .Select(h => new Property(h.Name, new Kinds(), 0, 0, true, Column: h.Column, ColumnType: h.Type)));
        return TypedResults.Ok(new Response(properties, Math.Max(total, properties.Count), await ReadBeyond(database, app, eventType, ct)));
    }

    private static async Task<(List<Property> Properties, long Total)> Read(NpgsqlDataSource database, string app, string? eventType, Dictionary<string, HotProperty> columns, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            """
            select property, sum(texts)::bigint, sum(numbers)::bigint, sum(booleans)::bigint, sum(lists)::bigint, sum(objects)::bigint, sum(nulls)::bigint,
                min(first_seen_ms), max(last_seen_ms), count(*)::int, count(*) over ()
            from property_catalog where app_id = $1 and ($2 is null or event_type = $2)
            group by property order by sum(texts + numbers + booleans + lists + objects + nulls) desc, property limit $3
            """);
        select.Parameters.AddWithValue(app);
        select.Parameters.Add(new NpgsqlParameter { Value = (object?)eventType ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        select.Parameters.AddWithValue(Most);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var (properties, total) = (new List<Property>(), 0L);
        while (await reader.ReadAsync(ct))
        {
            var hot = columns.GetValueOrDefault(reader.GetString(0));
            properties.Add(new Property(reader.GetString(0), new Kinds(Kind(1), Kind(2), Kind(3), Kind(4), Kind(5), Kind(6)), Enumerable.Range(1, 6).Sum(reader.GetInt64), reader.GetInt32(9),
                hot?.Chosen ?? false, Time(7), Time(8), eventType, hot?.Column, hot?.Type));
            total = reader.GetInt64(10);
        }
        return (properties, total);

        long? Kind(int column) => reader.GetInt64(column) is > 0 and var events ? events : null;
        DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));
    }

    private static async Task<Beyond?> ReadBeyond(NpgsqlDataSource database, string app, string? eventType, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select sum(events)::bigint, count(*) from property_catalog_beyond where app_id = $1 and ($2 is null or event_type = $2)");
        select.Parameters.AddWithValue(app);
        select.Parameters.Add(new NpgsqlParameter { Value = (object?)eventType ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await using var reader = await select.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) && !reader.IsDBNull(0) ? new Beyond(reader.GetInt64(0), reader.GetInt64(1)) : null;
    }
}
