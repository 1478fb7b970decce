using Causality.Contracts;
using Causality.EventStore.Streams;
using Causality.Ingest.ApiKeys;
using Npgsql;

namespace Causality.Ingest.Apps;

/// <summary>
/// What a start and the command line make exist, where it is missing. Several hosts may do it at once: where another was faster, it is there.
/// </summary>
public sealed class AppSetup(IEventStore store, ApiKeyStore keys, NpgsqlDataSource database, TimeProvider clock)
{
    private readonly AppTable _apps = new(database);

    /// <summary>Whether there is such an app, and the organization that it belongs to.</summary>
    public async Task<(bool Exists, Guid? OrganizationId)> Find(string appId, CancellationToken ct) =>
        await _apps.Find(appId, ct) is { } app ? (true, app.OrganizationId) : (false, null);

    /// <summary>
    /// Gives apps and keys that have no history the fact that begins it, and apps without an organization this one. What is there stays as it
    /// is; a revoked key stays revoked.
    /// </summary>
    public async Task Adopt(Guid? organization, FactOrigin origin, CancellationToken ct)
    {
        foreach (var app in await _apps.Unadopted(ct))
            if ((app.OrganizationId ?? organization) is { } owner)
                await Unless(store.Append(App.Stream(app.Id), app.Version, [new AppAdopted(app.Id, owner, app.Settings)], origin with { Tenant = owner.ToString() }, ct));
        foreach (var key in await keys.Unadopted(ct))
            await Unless(store.Append(ApiKey.Stream(key.KeyId), 0, [key], await OfApp(key.AppId, origin, ct), ct));

        static async Task Unless(Task append)
        {
            try
            {
                await append;
            }
            catch (StreamConflictException)
            {
                // another host has adopted it
            }
        }
    }

    /// <summary>Makes the app where it is missing, with its id as its name. Throws <see cref="RefusedException"/> for what is no app id.</summary>
    public async Task EnsureApp(string appId, Guid? organization, FactOrigin origin, CancellationToken ct)
    {
        if (!AppId.IsValid(appId))
            throw new RefusedException("app-id-invalid", $"An app id is 1 to 128 of A-Z a-z 0-9 . _ -, and not dots alone; \"{appId}\" is not.", 400);
        if (await keys.HasApp(appId, ct))
            return;
        try
        {
            await store.Append(App.Stream(appId), 0, [new AppCreated(appId, organization, AppSettings.Of(appId))], origin, ct);
        }
        catch (StreamConflictException)
        {
            // another host has made it
        }
    }

    /// <summary>
    /// Makes the app and this very key exist: what a host does at start with the key of its settings. Doing it again sets the limits and
    /// changes nothing else; a key that was revoked stays so. Throws <see cref="RefusedException"/> for a malformed key, and for one that is another app's.
    /// </summary>
    public async Task EnsureKey(string appId, Guid? organization, string key, string name, ApiKeyLimits limits, FactOrigin origin, CancellationToken ct)
    {
        if (!KeyText.IsWellFormed(key))
            throw new RefusedException("api-key-malformed", "The API key is neither of the form cak_… with a right checksum nor 64 lowercase hex digits.", 400);
        await EnsureApp(appId, organization, origin, ct);
        origin = await OfApp(appId, origin, ct);
        // another host may just have made it, or set its limits
        await OnConflict.Again(async () =>
        {
            if (await keys.OwnerOf(KeyHash.Of(key), ct) is not var (id, owner))
            {
                var fact = ApiKeyOrders.Fact(Guid.CreateVersion7(), appId, key, name, clock.GetUtcNow(), expiresAt: null, limits);
                await store.Append(ApiKey.Stream(fact.KeyId), 0, [fact], origin, ct);
                return;
            }
            if (owner != appId)
                throw new RefusedException("api-key-taken", $"The API key belongs to the app \"{owner}\", not to \"{appId}\".");
            var known = await store.Load<ApiKey>(ApiKey.Stream(id), ct);
            await store.Append(known.Stream, known.Version, known.State.Limit(limits), origin, ct);
        }, ct, or: e => e is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation });
    }

    private async Task<FactOrigin> OfApp(string appId, FactOrigin origin, CancellationToken ct) => origin with { Tenant = (await Find(appId, ct)).OrganizationId?.ToString() };
}
