namespace Causality.Ingest.ApiKeys;

/// <summary>A valid key: whose events it may write, and its own limits where they differ from the settings.</summary>
internal sealed record ApiKey(Guid Id, string AppId, int? EventsPerSecond, int? Burst, byte[] IpSalt);

/// <summary>Where valid keys are looked up. Throws when it cannot tell.</summary>
internal interface IApiKeyLookup
{
    Task<ApiKey?> Find(KeyHash hash, CancellationToken ct);
}
