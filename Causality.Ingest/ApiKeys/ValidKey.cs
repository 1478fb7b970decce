using Causality.Ingest.Apps;
using Causality.Ingest.Capture;

namespace Causality.Ingest.ApiKeys;

/// <summary>
/// A key that may write, until <paramref name="ExpiresAt"/>: whose events, its own limits where they differ from the settings, and those of the app's settings
/// that decide what is taken and stored.
/// </summary>
internal sealed record ValidKey(Guid Id, string AppId, int? EventsPerSecond, int? Burst, AppRules Rules, DateTimeOffset? ExpiresAt = null)
{
    /// <summary>Origins of web pages that may send, as <see cref="AllowedOrigin"/> writes them; none allows every origin.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];
}

/// <summary>Where valid keys are looked up. Throws when it cannot tell.</summary>
internal interface IApiKeyLookup
{
    Task<ValidKey?> Find(KeyHash hash, CancellationToken ct);
}
