using Causality.Contracts.Events;
using Causality.Lake.Ledger;
using Causality.Lake.Properties;

namespace Causality.Query.Trends;

/// <summary>
/// Compiles the question to DuckDB's SQL. Values are bound; the only texts that are written into it are column names of our own list,
/// file names of the ledger, and names of properties as literals. Answers rows of (event_type, value or null, whether it stands for the rest, step, events).
/// </summary>
internal static class TrendsSql
{
    public const int MostValues = 25;
    public const string Missing = "(none)", Other = "(other)";

    private const string Property = "asked";

    public static (string Sql, object?[] Arguments) Compile(TrendsPlan plan, Buckets buckets, LakeSnapshot snapshot)
    {
        var types = plan.Series.Select(s => s.EventType).Distinct().ToList();
        object?[] arguments = [buckets.Origin, buckets.Step, buckets.From, buckets.To, .. types];
        var from = $"""
            FROM {Source(plan, snapshot)}
            WHERE timestamp_ms >= $3 AND timestamp_ms < $4 AND event_type IN ({string.Join(", ", types.Select((_, i) => $"${i + 5}"))})
            """;
        if (plan.Breakdown is null)
            return ($"SELECT event_type, NULL::VARCHAR AS value, false AS rest, (timestamp_ms - $1) // $2 AS step, count(*) AS events {from} GROUP BY ALL", arguments);
        // the heaviest values over the range, for each series; ties go to the smaller text; the rest is one
        return ($"""
            WITH counted AS MATERIALIZED (
                SELECT event_type, {Value(plan)} AS value, (timestamp_ms - $1) // $2 AS step, count(*) AS events {from} GROUP BY ALL),
            ranked AS (
                SELECT event_type, value, row_number() OVER (PARTITION BY event_type ORDER BY sum(events) DESC, value NULLS LAST) AS rank
                FROM counted GROUP BY event_type, value)
            SELECT counted.event_type, CASE WHEN rank <= {MostValues} THEN counted.value END AS value, rank > {MostValues} AS rest, step, sum(events) AS events
            FROM counted JOIN ranked ON counted.event_type = ranked.event_type AND counted.value IS NOT DISTINCT FROM ranked.value GROUP BY ALL
            """, arguments);
    }

    private static string Source(TrendsPlan plan, LakeSnapshot snapshot) => plan.BreakdownProperty is { } property
        ? PropertySql.Source(snapshot, ["event_type", "timestamp_ms"], [new AskedProperty(property, PropertyForm.Text, Property)])
        : $"read_parquet({PropertySql.Files(snapshot.Files)}, hive_partitioning = false)";

    private static string Value(TrendsPlan plan) =>
        plan.BreakdownProperty is not null ? Property
        : EventColumns.Find(plan.Breakdown!) is { Column: not EventColumn.AppId } column
            ? $"CAST({column.Name} AS VARCHAR)"
            : PropertySql.Literal(plan.AppId);   // the path says it, not the file
}
