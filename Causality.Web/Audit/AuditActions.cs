using Npgsql;
using NpgsqlTypes;

namespace Causality.Web.Audit;

/// <summary>
/// Which actions the entries have that <see cref="AuditFilter"/> would find without a filter. Steps from one action to the next by an index
/// (a loose index scan), so it costs as many probes as there are actions, however long the log is.
/// </summary>
internal static class AuditActions
{
    // ordered by both columns, so that the index also gives the order where organization_id is null
    private static string Distinct(string name, string organization) =>
        $"""
        {name} as (
            (select action from audit_log where {organization} order by organization_id, action limit 1)
            union all
            select (select next.action from audit_log next where {organization} and next.action > {name}.action order by next.organization_id, next.action limit 1)
            from {name} where {name}.action is not null)
        """;

    private static readonly string
        OfInstallation = $"with recursive {Distinct("actions", "organization_id is null")} select action from actions where action is not null order by action",
        OfOrganization =
            $"""
            with recursive {Distinct("own", "organization_id = $1")}, {Distinct("persons", "organization_id is null")},
            people as (
                select u.id::text as actor_id, 'account/' || u.email as subject, m.joined_at from members m join users u on u.id = m.user_id where m.organization_id = $1)
            select action from own where action is not null
            union
            select action from persons where exists (
                select from people p where exists (select from audit_log a where a.organization_id is null and a.action = persons.action and a.actor_id = p.actor_id and a.at >= p.joined_at)
                    or exists (select from audit_log a where a.organization_id is null and a.action = persons.action and a.subject = p.subject and a.at >= p.joined_at))
            order by action
            """;

    /// <summary>In the order of the alphabet. <paramref name="organization"/> as in <see cref="AuditFilter.Select"/>.</summary>
    public static async Task<IReadOnlyList<string>> Read(NpgsqlDataSource database, Guid? organization, CancellationToken ct)
    {
        await using var select = database.CreateCommand(organization is null ? OfInstallation : OfOrganization);
        if (organization is { } id)
            select.Parameters.Add(new() { Value = id, NpgsqlDbType = NpgsqlDbType.Uuid });
        await using var rows = await select.ExecuteReaderAsync(ct);
        var actions = new List<string>();
        while (await rows.ReadAsync(ct))
            actions.Add(rows.GetString(0));
        return actions;
    }
}
