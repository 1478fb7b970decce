using Causality.EventStore.Streams;
using Npgsql;

namespace Causality.Web.Organizations;

/// <summary>The organization that an installation begins with, which its administrator is an admin of.</summary>
internal sealed class FirstOrganization(NpgsqlDataSource database, IEventStore store)
{
    private const long StartLock = 4_840_203_117_706_213_741;

    /// <summary>Makes it where the administrator is admin of none; answers its id. Hosts that start at once make one.</summary>
    public async Task<Guid> Ensure(Guid administrator, string name, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var turn = await connection.BeginTransactionAsync(ct);
        await using (var wait = new NpgsqlCommand("select pg_advisory_xact_lock($1)", connection, turn) { Parameters = { new() { Value = StartLock } } })
            await wait.ExecuteNonQueryAsync(ct);
        await using var find = new NpgsqlCommand(
            "select u.email, (select m.organization_id from members m where m.user_id = u.id and m.role = 'admin' order by m.joined_at, m.organization_id limit 1) from users u where u.id = $1",
            connection, turn) { Parameters = { new() { Value = administrator } } };
        string email;
        await using (var rows = await find.ExecuteReaderAsync(ct))
        {
            await rows.ReadAsync(ct);
            if (!rows.IsDBNull(1))
                return rows.GetGuid(1);
            email = rows.GetString(0);
        }
        var id = Guid.CreateVersion7();
        await store.Append(Organization.Stream(id), 0, Organization.Found(id, name, administrator, email), new FactOrigin("system:start", Tenant: id.ToString()), ct);
        return id;
    }
}
