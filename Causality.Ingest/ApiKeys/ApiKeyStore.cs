using Causality.Contracts;
using Npgsql;

namespace Causality.Ingest.ApiKeys;

/// <summary>A key that was just made. <paramref name="Key"/> is shown once; only its hash is kept.</summary>
public sealed record CreatedKey(Guid Id, string AppId, string Name, string Key);

/// <summary>A key as lists show it.</summary>
public sealed record ListedKey(Guid Id, string AppId, string Name, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt);

/// <summary>An app, which is what keys, events and questions belong to.</summary>
public sealed record App(string Id, string Name);

/// <summary>The tables <c>apps</c> and <c>api_keys</c>.</summary>
public sealed class ApiKeyStore(NpgsqlDataSource database) : IApiKeyLookup
{
    /// <summary>A well-formed key that nobody has: for <see cref="EnsureKey"/>.</summary>
    public static string NewKey() => KeyText.Create();

    /// <summary>Creates the app where it is missing; <paramref name="name"/> defaults to the id.</summary>
    public async Task EnsureApp(string appId, Guid? organization, string? name, CancellationToken ct)
    {
        if (!AppId.IsValid(appId))
            throw new RefusedException("app-id-invalid", $"An app id is 1 to 128 of A-Z a-z 0-9 . _ -, not \"{appId}\".", 400);
        await using var command = database.CreateCommand("insert into apps (id, name, organization_id) values ($1, $2, $3) on conflict (id) do update set organization_id = coalesce(apps.organization_id, excluded.organization_id)");
        command.Parameters.Add(new() { Value = appId });
        command.Parameters.Add(new() { Value = name ?? appId });
        command.Parameters.Add(new NpgsqlParameter<Guid?> { TypedValue = organization, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>
    /// Makes the app and this very key exist: what a host does at start with the key of its settings. Doing it again sets the limits and
    /// changes nothing else; a key that was revoked stays so. Throws <see cref="RefusedException"/> for a malformed key, and for one that is another app's.
    /// </summary>
    public async Task EnsureKey(string appId, Guid? organization, string key, string name, int? eventsPerSecond, int? burst, CancellationToken ct)
    {
        if (!KeyText.IsWellFormed(key))
            throw new RefusedException("api-key-malformed", "The API key is neither of the form cak_… with a right checksum nor 64 lowercase hex digits.", 400);
        await EnsureApp(appId, organization, null, ct);
        await using var command = database.CreateCommand(
            """
            insert into api_keys (id, app_id, name, key_hash, prefix, events_per_second, burst) values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (key_hash) do update set events_per_second = excluded.events_per_second, burst = excluded.burst
            returning app_id
            """);
        AddKey(command, Guid.CreateVersion7(), appId, key, name, eventsPerSecond, burst);
        if (await command.ExecuteScalarAsync(ct) is string owner && owner != appId)
            throw new RefusedException("api-key-taken", $"The API key belongs to the app \"{owner}\", not to \"{appId}\".");
    }

    /// <summary>Makes a new key of an app that exists; else throws <see cref="RefusedException"/> naming the app. Limits: null for those of the settings.</summary>
    public async Task<CreatedKey> CreateKey(string appId, string name, int? eventsPerSecond, int? burst, CancellationToken ct)
    {
        var created = new CreatedKey(Guid.CreateVersion7(), appId, name, KeyText.Create());
        await using var command = database.CreateCommand(
            "insert into api_keys (id, app_id, name, key_hash, prefix, events_per_second, burst) select $1, apps.id, $3, $4, $5, $6, $7 from apps where apps.id = $2");
        AddKey(command, created.Id, appId, created.Key, name, eventsPerSecond, burst);
        return await command.ExecuteNonQueryAsync(ct) == 1
            ? created
            : throw new RefusedException("app-missing", $"There is no app \"{appId}\".", 404);
    }

    /// <summary>Keys, oldest first, revoked ones too; of one app or of all.</summary>
    public async Task<IReadOnlyList<ListedKey>> List(string? appId, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            "select id, app_id, name, created_at, revoked_at from api_keys where $1 is null or app_id = $1 order by created_at, id");
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = appId, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var keys = new List<ListedKey>();
        while (await rows.ReadAsync(ct))
            keys.Add(new ListedKey(rows.GetGuid(0), rows.GetString(1), rows.GetString(2),
                rows.GetFieldValue<DateTimeOffset>(3), rows.IsDBNull(4) ? null : rows.GetFieldValue<DateTimeOffset>(4)));
        return keys;
    }

    /// <summary>Revokes for ever; twice is not an error. False where there is no such key.</summary>
    public async Task<bool> Revoke(Guid id, CancellationToken ct)
    {
        await using var command = database.CreateCommand("update api_keys set revoked_at = coalesce(revoked_at, now()) where id = $1");
        command.Parameters.Add(new() { Value = id });
        return await command.ExecuteNonQueryAsync(ct) == 1;
    }

    /// <summary>Every app, by name.</summary>
    public async Task<IReadOnlyList<App>> Apps(CancellationToken ct)
    {
        await using var command = database.CreateCommand("select id, name from apps order by name, id");
        await using var rows = await command.ExecuteReaderAsync(ct);
        var apps = new List<App>();
        while (await rows.ReadAsync(ct))
            apps.Add(new App(rows.GetString(0), rows.GetString(1)));
        return apps;
    }

    async Task<ApiKey?> IApiKeyLookup.Find(KeyHash hash, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            """
            select k.id, k.app_id, k.events_per_second, k.burst, a.ip_salt
            from api_keys k join apps a on a.id = k.app_id
            where k.key_hash = $1 and k.revoked_at is null
            """);
        command.Parameters.Add(new() { Value = hash.ToArray() });
        await using var rows = await command.ExecuteReaderAsync(ct);
        return await rows.ReadAsync(ct)
            ? new ApiKey(rows.GetGuid(0), rows.GetString(1), rows.IsDBNull(2) ? null : rows.GetInt32(2),
                rows.IsDBNull(3) ? null : rows.GetInt32(3), rows.GetFieldValue<byte[]>(4))
            : null;
    }

    private static void AddKey(NpgsqlCommand command, Guid id, string appId, string key, string name, int? eventsPerSecond, int? burst)
    {
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = appId });
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = KeyHash.Of(key).ToArray() });
        command.Parameters.Add(new() { Value = KeyText.Shown(key) });
        command.Parameters.Add(new NpgsqlParameter<int?> { TypedValue = eventsPerSecond, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer });
        command.Parameters.Add(new NpgsqlParameter<int?> { TypedValue = burst, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer });
    }
}
