using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Lake.Properties;

/// <summary>A property of an app's payloads that gets a column of its own, where files are compacted and all of its values fit.</summary>
/// <param name="Type">What the last compaction found its values to be; null where it found none that all fit, or has not looked yet.</param>
/// <param name="Chosen">Whether an admin wants it, however seldom it is asked.</param>
public sealed record HotProperty(string Name, string Column, string? Type = null, bool Chosen = false);

/// <summary>Which properties of an app are asked so often, or were chosen, that they are worth a column.</summary>
public sealed class HotProperties(NpgsqlDataSource database)
{
    /// <summary>Columns of one app at most: each costs a pass over the payloads when files are compacted.</summary>
    public const int Most = 12;

    /// <summary>So often a property must have been asked to count by itself.</summary>
    public const int Threshold = 20;

    /// <summary>Somebody asked about these, so many times. What the app's catalog does not have is not kept: anybody may ask for anything.</summary>
    public Task Asked(string appId, IReadOnlyDictionary<string, long> times, CancellationToken ct) => InOneGo(appId, async transaction =>
    {
        foreach (var (property, asked) in times.OrderBy(t => t.Key, StringComparer.Ordinal))
            await Upsert(transaction, appId, property, asked, false, "where exists (select from property_catalog p where p.app_id = $1 and p.property = $2)", "asked = h.asked + $4", ct);
    }, ct);

    /// <summary>An admin wants columns for these, however seldom they are asked; for all others only as they are asked.</summary>
    public Task Choose(string appId, IReadOnlyCollection<string> properties, CancellationToken ct) => InOneGo(appId, async transaction =>
    {
        await using (var leave = new NpgsqlCommand("update hot_properties set chosen = false where app_id = $1 and chosen and property <> all($2)", transaction.Connection, transaction))
        {
            leave.Parameters.AddWithValue(appId);
            leave.Parameters.AddWithValue(properties.ToArray());
            await leave.ExecuteNonQueryAsync(ct);
        }
        foreach (var property in properties.Order(StringComparer.Ordinal))
            await Upsert(transaction, appId, property, 0, true, "", "chosen = true", ct);
    }, ct);

    /// <summary>The properties that get a column when files are compacted next, at most <see cref="Most"/>: the chosen ones, then those asked most.</summary>
    public async Task<IReadOnlyList<HotProperty>> Of(string appId, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            "select property, column_name, sql_type, chosen from hot_properties where app_id = $1 and (chosen or asked >= $2) order by chosen desc, asked desc, property limit $3");
        select.Parameters.AddWithValue(appId);
        select.Parameters.AddWithValue(Threshold);
        select.Parameters.AddWithValue(Most);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var properties = new List<HotProperty>();
        while (await reader.ReadAsync(ct))
            properties.Add(new HotProperty(reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetBoolean(3)));
        return properties;
    }

    /// <summary>Keeps which type the values were found to have; null where they do not fit any.</summary>
    public static async Task Found(NpgsqlTransaction transaction, string appId, IReadOnlyCollection<(string Property, string? Type)> types, CancellationToken ct)
    {
        if (types.Count == 0)
            return;
        await Hold(transaction, appId, ct);
        foreach (var (property, type) in types)
        {
            await using var update = new NpgsqlCommand("update hot_properties set sql_type = $3 where app_id = $1 and property = $2 and sql_type is distinct from $3", transaction.Connection, transaction);
            update.Parameters.AddWithValue(appId);
            update.Parameters.AddWithValue(property);
            update.Parameters.Add(new NpgsqlParameter { Value = (object?)type ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
            await update.ExecuteNonQueryAsync(ct);
        }
    }

    private async Task InOneGo(string appId, Func<NpgsqlTransaction, Task> change, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Hold(transaction, appId, ct);
        await change(transaction);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Rows of an app are changed by one transaction at a time: none waits for another twice, and column names are given one after another.</summary>
    private static async Task Hold(NpgsqlTransaction transaction, string appId, CancellationToken ct)
    {
        await using var take = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended('hot_properties ' || $1, 0))", transaction.Connection, transaction) { Parameters = { new() { Value = appId } } };
        await take.ExecuteNonQueryAsync(ct);
    }

    private static async Task Upsert(NpgsqlTransaction transaction, string appId, string property, long asked, bool chosen, string where, string change, CancellationToken ct)
    {
        await using var upsert = new NpgsqlCommand(
            $"""
            insert into hot_properties as h (app_id, property, column_name, asked, chosen)
            select $1, $2, coalesce((select min(c.name) from (select $3 as name union all select $3 || '_' || n from generate_series(2, 1000) n) c
                where not exists (select from hot_properties t where t.app_id = $1 and t.column_name = c.name)), $3 || '_' || replace(gen_random_uuid()::text, '-', '')), $4, $5 {where}
            on conflict (app_id, property) do update set {change}
            """, transaction.Connection, transaction);
        upsert.Parameters.AddWithValue(appId);
        upsert.Parameters.AddWithValue(property);
        upsert.Parameters.AddWithValue(ColumnOf(property));
        upsert.Parameters.AddWithValue(asked);
        upsert.Parameters.AddWithValue(chosen);
        await upsert.ExecuteNonQueryAsync(ct);
    }

    /// <summary><c>p_</c> and the name in lower case, with what is neither letter nor digit as an underscore.</summary>
    internal static string ColumnOf(string property)
    {
        var name = new StringBuilder("p_");
        foreach (var character in property.AsSpan(0, Math.Min(property.Length, 48)))
            name.Append(char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character) : '_');
        return name.ToString();
    }
}
