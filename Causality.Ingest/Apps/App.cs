using Causality.EventStore.Streams;

namespace Causality.Ingest.Apps;

/// <summary>There is an app; its id is its own for ever.</summary>
/// <param name="OrganizationId">Null where it was made before there was any: nobody sees it until it is adopted.</param>
public sealed record AppCreated(string AppId, Guid? OrganizationId, AppSettings After);

/// <summary>An app that had no history, or no organization, has them from here on.</summary>
public sealed record AppAdopted(string AppId, Guid OrganizationId, AppSettings After);

/// <summary>Settings were changed; both sides hold only what differs.</summary>
public sealed record AppSettingsChanged(string AppId, SomeAppSettings Before, SomeAppSettings After);

/// <summary>What events, keys and questions belong to.</summary>
internal sealed record App(string Id, Guid? OrganizationId, AppSettings Settings) : IAggregate<App>
{
    public static App Initial { get; } = new("", null, AppSettings.Of(""));

    public static StreamId Stream(string id) => new("app", id);

    public static App Of(IEnumerable<Recorded> facts) => facts.Aggregate(Initial, (app, recorded) => app.Apply(recorded.Fact));

    /// <summary>Nothing where nothing would differ.</summary>
    public IReadOnlyList<object> Change(AppSettings wanted)
    {
        var (before, after) = (Settings.Unlike(wanted), wanted.Unlike(Settings));
        return before == after ? [] : [new AppSettingsChanged(Id, before, after)];
    }

    public App Apply(object fact) => fact switch
    {
        AppCreated e => new App(e.AppId, e.OrganizationId, e.After),
        AppAdopted e => new App(e.AppId, e.OrganizationId, e.After),
        AppSettingsChanged { Before: var before, After: var after } => this with
        {
            Settings = new AppSettings(after.Name ?? Settings.Name, after.TimeZone ?? Settings.TimeZone, after.AllowedOrigins ?? Settings.AllowedOrigins,
                before.RetentionDays == after.RetentionDays ? Settings.RetentionDays : after.RetentionDays, after.IpPolicy ?? Settings.IpPolicy)
            {
                DeniedProperties = after.DeniedProperties ?? Settings.DeniedProperties,
                Enrichment = after.Enrichment ?? Settings.Enrichment,
            },
        },
        _ => this,
    };
}
