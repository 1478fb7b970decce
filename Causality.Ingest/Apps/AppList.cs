using Causality.EventStore.Projections;
using Causality.EventStore.Streams;

namespace Causality.Ingest.Apps;

/// <summary>The table <c>apps</c>, which keys and roles are looked up with: it commits with the facts.</summary>
internal sealed class AppList : IProjection
{
    public string Name => "app-list/1";

    public Rows Apply(Recorded recorded, Rows rows) => recorded.Fact switch
    {
        AppCreated { After: var app } e => rows.Add(
            "insert into apps (id, organization_id, name, time_zone, allowed_origins, retention_days, ip_policy, version, created_at, denied_properties, enrichment) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            e.AppId, e.OrganizationId, app.Name, app.TimeZone, app.AllowedOrigins.ToArray(), app.RetentionDays, app.IpPolicy.Name(), recorded.Version, recorded.At, app.DeniedProperties.ToArray(), app.Enrichment),
        AppAdopted e => rows.Add("update apps set organization_id = $2, version = $3 where id = $1", e.AppId, e.OrganizationId, recorded.Version),
        AppSettingsChanged { Before: var before, After: var after } e => rows.Add(
            """
            update apps set name = coalesce($2, name), time_zone = coalesce($3, time_zone), allowed_origins = coalesce($4, allowed_origins),
                retention_days = case when $5 then $6 else retention_days end, ip_policy = coalesce($7, ip_policy), version = $8,
                denied_properties = coalesce($9, denied_properties), enrichment = coalesce($10, enrichment)
            where id = $1
            """,
            e.AppId, after.Name, after.TimeZone, after.AllowedOrigins?.ToArray(), before.RetentionDays != after.RetentionDays, after.RetentionDays, after.IpPolicy?.Name(), recorded.Version,
            after.DeniedProperties?.ToArray(), after.Enrichment),
        _ => rows,
    };
}
