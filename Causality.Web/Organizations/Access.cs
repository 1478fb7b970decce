using System.Collections.Concurrent;
using Causality.Http;
using Npgsql;

namespace Causality.Web.Organizations;

/// <summary>Reads what a person may do from the memberships, and remembers it for 2 s.</summary>
internal sealed class Access(NpgsqlDataSource database, TimeProvider clock) : IAccess
{
    internal static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<Guid, (Standing Standing, long At)> _known = new();

    public async ValueTask<Standing?> Of(Actor actor, bool fresh, CancellationToken ct)
    {
        var now = clock.GetTimestamp();   // before the rows are read: what is remembered is never older than it says; and no time of day, which may be set back
        if (!fresh && _known.TryGetValue(actor.SessionId, out var known) && clock.GetElapsedTime(known.At, now) < Fresh)
            return known.Standing;
        if (await Read(actor, ct) is not { } standing)
        {
            _known.TryRemove(actor.SessionId, out _);
            return null;
        }
        if (_known.Count >= MostRemembered)
            Forget(now);
        _known[actor.SessionId] = (standing, now);
        return standing;
    }

    private void Forget(long now)
    {
        foreach (var (session, known) in _known)
            if (clock.GetElapsedTime(known.At, now) >= Fresh)
                _known.TryRemove(session, out _);
        if (_known.Count >= MostRemembered)
            _known.Clear();
    }

    private async Task<Standing?> Read(Actor actor, CancellationToken ct)
    {
        await using var select = database.CreateCommand(
            """
            select u.administrator, m.organization_id, m.role, a.id, coalesce(case when m.role = 'admin' then m.role end, r.role, m.role)
            from users u
            left join members m on m.user_id = u.id
            left join apps a on a.organization_id = m.organization_id
            left join member_app_roles r on r.organization_id = m.organization_id and r.user_id = m.user_id and r.app_id = a.id
            where u.id = $1 and exists (select from sessions s where s.id = $2 and s.user_id = u.id and s.ended_at is null and s.expires_at > $3)
            """);
        select.Parameters.AddWithValue(actor.UserId);
        select.Parameters.AddWithValue(actor.SessionId);
        select.Parameters.AddWithValue(clock.GetUtcNow());
        await using var rows = await select.ExecuteReaderAsync(ct);
        var organizations = new Dictionary<Guid, Role>();
        var apps = new Dictionary<string, AppStanding>(StringComparer.Ordinal);
        bool? administrator = null;
        while (await rows.ReadAsync(ct))
        {
            administrator = rows.GetBoolean(0);
            if (rows.IsDBNull(1))
                continue;
            organizations[rows.GetGuid(1)] = RoleNames.Parse(rows.GetString(2))!.Value;
            if (!rows.IsDBNull(3))
                apps[rows.GetString(3)] = new AppStanding(rows.GetGuid(1), RoleNames.Parse(rows.GetString(4))!.Value);
        }
        return administrator is { } known ? new Standing(known, organizations, apps) : null;
    }
}
