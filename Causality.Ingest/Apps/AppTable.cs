using Npgsql;

namespace Causality.Ingest.Apps;

/// <summary>An app as lists and its page show it.</summary>
internal sealed record ListedApp(string Id, Guid? OrganizationId, AppSettings Settings, long Version, DateTimeOffset CreatedAt);

/// <summary>Reads the table <c>apps</c>, which <see cref="AppList"/> writes.</summary>
internal sealed class AppTable(NpgsqlDataSource database)
{
    private const string Columns = "select id, organization_id, name, time_zone, allowed_origins, retention_days, ip_policy, version, created_at, denied_properties, enrichment from apps";

    public async Task<ListedApp?> Find(string id, CancellationToken ct)
    {
        await using var select = database.CreateCommand($"{Columns} where id = $1");
        select.Parameters.AddWithValue(id);
        return (await Read(select, ct)).SingleOrDefault();
    }

    /// <summary>Those of these apps that there are, by name.</summary>
    public async Task<IReadOnlyList<ListedApp>> Of(IEnumerable<string> ids, CancellationToken ct)
    {
        await using var select = database.CreateCommand($"{Columns} where id = any ($1) order by name, id");
        select.Parameters.AddWithValue(ids.ToArray());
        return await Read(select, ct);
    }

    /// <summary>Those that have no history, or belong to no organization.</summary>
    public async Task<IReadOnlyList<ListedApp>> Unadopted(CancellationToken ct)
    {
        await using var select = database.CreateCommand($"{Columns} where version = 0 or organization_id is null order by id");
        return await Read(select, ct);
    }

    private static async Task<IReadOnlyList<ListedApp>> Read(NpgsqlCommand select, CancellationToken ct)
    {
        await using var rows = await select.ExecuteReaderAsync(ct);
        var apps = new List<ListedApp>();
        while (await rows.ReadAsync(ct))
            apps.Add(new ListedApp(rows.GetString(0), rows.IsDBNull(1) ? null : rows.GetGuid(1),
                new AppSettings(rows.GetString(2), rows.GetString(3), rows.GetFieldValue<string[]>(4), rows.IsDBNull(5) ? null : rows.GetInt32(5), IpPolicyNames.Parse(rows.GetString(6))!.Value)
                {
                    DeniedProperties = rows.GetFieldValue<string[]>(9),
                    Enrichment = rows.GetBoolean(10),
                },
                rows.GetInt64(7), rows.GetFieldValue<DateTimeOffset>(8)));
        return apps;
    }
}
