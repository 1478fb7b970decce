namespace Causality.Ingest.Apps;

/// <summary>What is stored of the address that an event came from.</summary>
public enum IpPolicy
{
    /// <summary>Nothing.</summary>
    Drop,

    /// <summary>A hash of its network: /24 of IPv4, /48 of IPv6.</summary>
    Truncate,

    /// <summary>A hash of the whole address.</summary>
    Hash,

    /// <summary>The address itself, once the table of events has a column for it; until then as <see cref="Hash"/>.</summary>
    Keep,
}

/// <summary>A policy's name on the wire and in the database.</summary>
internal static class IpPolicyNames
{
    private static readonly string[] Names = ["drop", "truncate", "hash", "keep"];

    public static string Name(this IpPolicy policy) => Names[(int)policy];

    /// <summary>Null for what is no policy.</summary>
    public static IpPolicy? Parse(string? name) => Array.IndexOf(Names, name) is >= 0 and var place ? (IpPolicy)place : null;
}

/// <summary>What people set of an app.</summary>
/// <param name="TimeZone">An IANA name.</param>
/// <param name="AllowedOrigins">As <see cref="AllowedOrigin"/> writes them; none allows every origin.</param>
/// <param name="RetentionDays">Null keeps events for ever.</param>
public sealed record AppSettings(string Name, string TimeZone, IReadOnlyList<string> AllowedOrigins, int? RetentionDays, IpPolicy IpPolicy)
{
    /// <summary>Names of properties that are not stored, with <c>*</c> and <c>?</c>: <c>password</c>, <c>card*</c>.</summary>
    public IReadOnlyList<string> DeniedProperties { get; init; } = [];

    /// <summary>Whether browser, campaign and the like are found out where the client does not say them.</summary>
    public bool Enrichment { get; init; } = true;

    internal static AppSettings Of(string name, string? timeZone = null) => new(name, timeZone ?? "UTC", [], null, IpPolicy.Hash);

    /// <summary>Those of these settings that <paramref name="other"/> has otherwise.</summary>
    internal SomeAppSettings Unlike(AppSettings other) => new(
        Name == other.Name ? null : Name,
        TimeZone == other.TimeZone ? null : TimeZone,
        AllowedOrigins.SequenceEqual(other.AllowedOrigins) ? null : AllowedOrigins,
        RetentionDays == other.RetentionDays ? null : RetentionDays,
        IpPolicy == other.IpPolicy ? null : IpPolicy,
        DeniedProperties.SequenceEqual(other.DeniedProperties) ? null : DeniedProperties,
        Enrichment == other.Enrichment ? null : Enrichment);

    /// <summary>
    /// What somebody who knew <paramref name="seen"/> and wants <paramref name="wanted"/> has to be told, now that the settings are these:
    /// the fields that others have changed since, but for those that became what is wanted.
    /// </summary>
    internal IReadOnlyList<Disagreement> Since(AppSettings seen, AppSettings wanted)
    {
        var disagreements = new List<Disagreement>();
        void Compare<T>(string field, Func<AppSettings, T> value, Func<T, T, bool>? same = null)
        {
            var (theirs, yours) = (value(this), value(wanted));
            same ??= EqualityComparer<T>.Default.Equals;
            if (!same(theirs, value(seen)) && !same(theirs, yours))
                disagreements.Add(new Disagreement(field, yours, theirs));
        }
        Compare("name", s => s.Name);
        Compare("time_zone", s => s.TimeZone);
        Compare("allowed_origins", s => s.AllowedOrigins, (a, b) => a.SequenceEqual(b));
        Compare("retention_days", s => s.RetentionDays);
        Compare("ip_policy", s => s.IpPolicy.Name());
        Compare("denied_properties", s => s.DeniedProperties, (a, b) => a.SequenceEqual(b));
        Compare("enrichment", s => s.Enrichment);
        return disagreements;
    }
}

/// <summary>Settings that differ; those that do not are null. A limit of retention that was or became "for ever" is null on that side.</summary>
public sealed record SomeAppSettings(
    string? Name = null, string? TimeZone = null, IReadOnlyList<string>? AllowedOrigins = null, int? RetentionDays = null, IpPolicy? IpPolicy = null,
    IReadOnlyList<string>? DeniedProperties = null, bool? Enrichment = null);

/// <summary>A field that two people changed at a time.</summary>
/// <param name="Yours">What the request says, or what it left as it had seen it.</param>
/// <param name="Theirs">What it is now.</param>
internal sealed record Disagreement(string Field, object? Yours, object? Theirs);
