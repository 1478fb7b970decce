using Causality.Contracts;
using Causality.EventStore.Streams;

namespace Causality.Ingest.ApiKeys;

/// <summary>A key that was just made. <paramref name="Key"/> is shown once; only its hash is kept.</summary>
public sealed record CreatedKey(Guid Id, string AppId, string Name, string Prefix, string Key, DateTimeOffset? ExpiresAt);

/// <summary>What is done to keys, whoever asks. Revoking and rotating are decided again where somebody else was faster.</summary>
public sealed class ApiKeyOrders(IEventStore store, ApiKeyStore keys, TimeProvider clock)
{
    /// <summary>Makes a new key of an app that exists. Limits: null for those of the settings.</summary>
    public async Task<CreatedKey> Create(string appId, string name, DateTimeOffset? expiresAt, ApiKeyLimits? limits, FactOrigin origin, CancellationToken ct)
    {
        if (!await keys.HasApp(appId, ct))
            throw new RefusedException("app-missing", $"There is no app \"{appId}\".", 404);
        var (created, fact) = New(appId, name, expiresAt, limits);
        await store.Append(ApiKey.Stream(created.Id), 0, [fact], origin, ct);
        return created;
    }

    /// <summary>Revokes for ever; twice is not an error. Throws <see cref="RefusedException"/> where the app has no such key.</summary>
    public Task Revoke(string appId, Guid id, FactOrigin origin, CancellationToken ct) => OnConflict.Again(async () =>
    {
        var key = await store.Load<ApiKey>(ApiKey.Stream(id), ct);
        await store.Append(key.Stream, key.Version, key.State.Of(appId).Revoke(), origin, ct);
    }, ct);

    /// <summary>Makes a key that takes another's place, with its name and limits; the old one is valid for the overlap, if not for less.</summary>
    public Task<CreatedKey> Rotate(string appId, Guid id, TimeSpan overlap, FactOrigin origin, CancellationToken ct) => OnConflict.Again(async () =>
    {
        var old = await store.Load<ApiKey>(ApiKey.Stream(id), ct);
        var (settings, now) = (old.State.Of(appId).Settings, clock.GetUtcNow());
        var (created, fact) = New(appId, settings.Name, old.State.EndOfSuccessor(now), new ApiKeyLimits(settings.EventsPerSecond, settings.Burst));
        await store.Begin(origin)
            .Append(ApiKey.Stream(created.Id), 0, fact with { Replaces = id })
            .Append(old.Stream, old.Version, old.State.Rotate(created.Id, now, overlap))
            .Commit(ct);
        return created;
    }, ct);

    /// <summary>The app of a key; null where there is no such key.</summary>
    internal async Task<string?> AppOf(Guid id, CancellationToken ct) =>
        (await store.Load<ApiKey>(ApiKey.Stream(id), ct)) is { Version: > 0, State.AppId: var app } ? app : null;

    internal static ApiKeyCreated Fact(Guid id, string appId, string key, string name, DateTimeOffset createdAt, DateTimeOffset? expiresAt, ApiKeyLimits? limits) =>
        new(id, appId, KeyHash.Of(key).ToArray(), createdAt, new ApiKeySettings(name, KeyText.Shown(key), expiresAt?.ToUniversalTime(), limits?.EventsPerSecond, limits?.Burst));

    private (CreatedKey Created, ApiKeyCreated Fact) New(string appId, string name, DateTimeOffset? expiresAt, ApiKeyLimits? limits)
    {
        var key = KeyText.Create();
        var fact = Fact(Guid.CreateVersion7(), appId, key, name, clock.GetUtcNow(), expiresAt, limits);
        return (new CreatedKey(fact.KeyId, appId, name, fact.After.Prefix, key, fact.After.ExpiresAt), fact);
    }
}
