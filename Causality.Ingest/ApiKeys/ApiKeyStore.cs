using Causality.Ingest.Apps;
using Causality.Ingest.Capture;
using Npgsql;

namespace Causality.Ingest.ApiKeys;

/// <summary>A key as lists show it.</summary>
internal sealed record ListedKey(
    Guid Id, string AppId, string Name, string Prefix, DateTimeOffset CreatedAt, string? CreatedBy, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt, Guid? ReplacedBy);

/// <summary>Reads the table <c>api_keys</c>, which <see cref="ApiKeyList"/> writes.</summary>
public sealed class ApiKeyStore(NpgsqlDataSource database) : IApiKeyLookup
{
    /// <summary>A well-formed key that nobody has.</summary>
    public static string NewKey() => KeyText.Create();

    /// <summary>Keys of these apps, oldest first, with those that have ended.</summary>
    internal async Task<IReadOnlyList<ListedKey>> List(IEnumerable<string> apps, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            """
            select id, app_id, name, prefix, created_at, created_by, expires_at, revoked_at, last_used_at, replaced_by
            from api_keys where app_id = any ($1) order by created_at, id
            """);
        select.Parameters.AddWithValue(apps.ToArray());
        await using var rows = await select.ExecuteReaderAsync(ct);
        DateTimeOffset? Time(int column) => rows.IsDBNull(column) ? null : rows.GetFieldValue<DateTimeOffset>(column);
        var keys = new List<ListedKey>();
        while (await rows.ReadAsync(ct))
            keys.Add(new ListedKey(rows.GetGuid(0), rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetFieldValue<DateTimeOffset>(4),
                rows.IsDBNull(5) ? null : rows.GetString(5), Time(6), Time(7), Time(8), rows.IsDBNull(9) ? null : rows.GetGuid(9)));
        return keys;
    }

    internal async Task<bool> HasApp(string id, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select exists (select from apps where id = $1)");
        select.Parameters.AddWithValue(id);
        return (bool)(await select.ExecuteScalarAsync(ct))!;
    }

    /// <summary>Whose key it is, revoked ones too.</summary>
    internal async Task<(Guid Id, string AppId)?> OwnerOf(KeyHash hash, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select id, app_id from api_keys where key_hash = $1");
        select.Parameters.AddWithValue(hash.ToArray());
        await using var rows = await select.ExecuteReaderAsync(ct);
        return await rows.ReadAsync(ct) ? (rows.GetGuid(0), rows.GetString(1)) : null;
    }

    /// <summary>Keys that have no history yet, as the fact that begins it.</summary>
    internal async Task<IReadOnlyList<ApiKeyAdopted>> Unadopted(CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            "select id, app_id, key_hash, created_at, name, prefix, expires_at, events_per_second, burst, revoked_at from api_keys where version = 0 order by created_at, id");
        await using var rows = await select.ExecuteReaderAsync(ct);
        int? Number(int column) => rows.IsDBNull(column) ? null : rows.GetInt32(column);
        DateTimeOffset? Time(int column) => rows.IsDBNull(column) ? null : rows.GetFieldValue<DateTimeOffset>(column);
        var keys = new List<ApiKeyAdopted>();
        while (await rows.ReadAsync(ct))
            keys.Add(new ApiKeyAdopted(rows.GetGuid(0), rows.GetString(1), rows.GetFieldValue<byte[]>(2), rows.GetFieldValue<DateTimeOffset>(3),
                new ApiKeySettings(rows.GetString(4), rows.GetString(5), Time(6), Number(7), Number(8)), Time(9)));
        return keys;
    }

    async Task<ValidKey?> IApiKeyLookup.Find(KeyHash hash, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            """
            select k.id, k.app_id, k.events_per_second, k.burst, a.ip_salt, a.ip_policy, k.expires_at, a.allowed_origins, a.denied_properties, a.enrichment
            from api_keys k join apps a on a.id = k.app_id
            where k.key_hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
            """);
        select.Parameters.AddWithValue(hash.ToArray());
        await using var rows = await select.ExecuteReaderAsync(ct);
        if (!await rows.ReadAsync(ct))
            return null;
        var rules = new AppRules(rows.GetFieldValue<byte[]>(4), IpPolicyNames.Parse(rows.GetString(5)) ?? IpPolicy.Hash)
        {
            DeniedProperties = rows.GetFieldValue<string[]>(8),
            Enrichment = rows.GetBoolean(9),
        };
        return new ValidKey(rows.GetGuid(0), rows.GetString(1), rows.IsDBNull(2) ? null : rows.GetInt32(2), rows.IsDBNull(3) ? null : rows.GetInt32(3), rules,
            rows.IsDBNull(6) ? null : rows.GetFieldValue<DateTimeOffset>(6))
        {
            AllowedOrigins = rows.GetFieldValue<string[]>(7),
        };
    }
}
