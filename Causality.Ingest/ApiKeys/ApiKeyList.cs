using Causality.EventStore.Projections;
using Causality.EventStore.Streams;

namespace Causality.Ingest.ApiKeys;

/// <summary>The table <c>api_keys</c>, in which ingest looks keys up: it commits with the facts. <c>last_used_at</c> is not of facts, and not touched here.</summary>
internal sealed class ApiKeyList : IProjection
{
    public string Name => "api-key-list/1";

    public Rows Apply(Recorded recorded, Rows rows) => recorded.Fact switch
    {
        ApiKeyCreated { After: var key } e => rows.Add(
            """
            insert into api_keys (id, app_id, name, key_hash, prefix, created_at, created_by, expires_at, events_per_second, burst, version)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            e.KeyId, e.AppId, key.Name, e.KeyHash, key.Prefix, e.CreatedAt, recorded.Origin.ActorName ?? recorded.Origin.Actor, key.ExpiresAt, key.EventsPerSecond, key.Burst, recorded.Version),
        ApiKeyAdopted e => rows.Add("update api_keys set version = $2 where id = $1", e.KeyId, recorded.Version),
        ApiKeyRotated e => rows.Add("update api_keys set expires_at = $2, replaced_by = $3, version = $4 where id = $1", e.KeyId, e.After.ExpiresAt, e.ReplacedBy, recorded.Version),
        ApiKeyLimitsSet { After: var limits } e => rows.Add(
            "update api_keys set events_per_second = $2, burst = $3, version = $4 where id = $1", e.KeyId, limits.EventsPerSecond, limits.Burst, recorded.Version),
        ApiKeyRevoked e => rows.Add("update api_keys set revoked_at = $2, version = $3 where id = $1", e.KeyId, recorded.At, recorded.Version),
        _ => rows,
    };
}
