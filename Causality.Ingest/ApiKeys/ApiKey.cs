using Causality.Contracts;
using Causality.EventStore.Streams;

namespace Causality.Ingest.ApiKeys;

/// <summary>What is known of a key; the key itself is nowhere. Limits: null for those of the settings.</summary>
/// <param name="Prefix">The key's first characters, for people to tell keys apart.</param>
public sealed record ApiKeySettings(string Name, string Prefix, DateTimeOffset? ExpiresAt = null, int? EventsPerSecond = null, int? Burst = null);

/// <summary>Events per second and at once; null for those of the settings.</summary>
public sealed record ApiKeyLimits(int? EventsPerSecond, int? Burst);

/// <summary>When a key ends; null for never.</summary>
public sealed record ApiKeyEnd(DateTimeOffset? ExpiresAt);

/// <param name="KeyHash">SHA-256 of the key.</param>
/// <param name="Replaces">The key that was rotated.</param>
public sealed record ApiKeyCreated(Guid KeyId, string AppId, byte[] KeyHash, DateTimeOffset CreatedAt, ApiKeySettings After, Guid? Replaces = null);

/// <summary>A key that had no history has one from here on.</summary>
public sealed record ApiKeyAdopted(Guid KeyId, string AppId, byte[] KeyHash, DateTimeOffset CreatedAt, ApiKeySettings After, DateTimeOffset? RevokedAt);

/// <summary>Another key was made to take this one's place, which ends then.</summary>
public sealed record ApiKeyRotated(Guid KeyId, string AppId, Guid ReplacedBy, ApiKeyEnd Before, ApiKeyEnd After);

public sealed record ApiKeyLimitsSet(Guid KeyId, string AppId, ApiKeyLimits Before, ApiKeyLimits After);

public sealed record ApiKeyRevoked(Guid KeyId, string AppId);

/// <summary>A key of an app, with which events are written and nothing is read.</summary>
internal sealed record ApiKey(Guid Id, string AppId, ApiKeySettings Settings, DateTimeOffset CreatedAt, bool IsRevoked, Guid? ReplacedBy) : IAggregate<ApiKey>
{
    public static ApiKey Initial { get; } = new(Guid.Empty, "", new ApiKeySettings("", ""), default, false, null);

    public static StreamId Stream(Guid id) => new("api-key", id);

    /// <summary>The key, when it is one of this app.</summary>
    public ApiKey Of(string appId) => Id != Guid.Empty && AppId == appId ? this : throw new RefusedException("api-key-missing", "There is no such API key.", 404);

    /// <summary>For ever; twice is not an error.</summary>
    public IReadOnlyList<object> Revoke() => IsRevoked ? [] : [new ApiKeyRevoked(Id, AppId)];

    /// <summary>Ends with the overlap, unless it ends before. A key can be rotated once, while it is valid.</summary>
    public ApiKeyRotated Rotate(Guid successor, DateTimeOffset now, TimeSpan overlap)
    {
        if (IsRevoked || Settings.ExpiresAt <= now)
            throw new RefusedException("api-key-ended", "The key is revoked or has expired, and cannot be rotated. Create a new one.");
        if (ReplacedBy is { } replacement)
            throw new RefusedException("api-key-rotated", $"The key has been rotated already: {replacement} takes its place. Rotate that one.");
        var end = now + overlap;
        return new ApiKeyRotated(Id, AppId, successor, new ApiKeyEnd(Settings.ExpiresAt), new ApiKeyEnd(Settings.ExpiresAt < end ? Settings.ExpiresAt : end));
    }

    /// <summary>A key that was made for a time has a successor for as long a time.</summary>
    public DateTimeOffset? EndOfSuccessor(DateTimeOffset now) => Settings.ExpiresAt is { } end ? now + (end - CreatedAt) : null;

    public IReadOnlyList<object> Limit(ApiKeyLimits limits)
    {
        var before = new ApiKeyLimits(Settings.EventsPerSecond, Settings.Burst);
        return before == limits ? [] : [new ApiKeyLimitsSet(Id, AppId, before, limits)];
    }

    public ApiKey Apply(object fact) => fact switch
    {
        ApiKeyCreated e => new ApiKey(e.KeyId, e.AppId, e.After, e.CreatedAt, false, null),
        ApiKeyAdopted e => new ApiKey(e.KeyId, e.AppId, e.After, e.CreatedAt, e.RevokedAt is not null, null),
        ApiKeyRotated e => this with { Settings = Settings with { ExpiresAt = e.After.ExpiresAt }, ReplacedBy = e.ReplacedBy },
        ApiKeyLimitsSet e => this with { Settings = Settings with { EventsPerSecond = e.After.EventsPerSecond, Burst = e.After.Burst } },
        ApiKeyRevoked => this with { IsRevoked = true },
        _ => this,
    };
}
