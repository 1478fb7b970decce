using Npgsql;

namespace Causality.Web.Organizations;

/// <summary>The organization that an installation begins with, which its administrator is an admin of.</summary>
internal sealed class FirstOrganization(NpgsqlDataSource database)
{
    /// <summary>Makes it where it is missing; answers its id.</summary>
    public async Task<Guid> Ensure(Guid administrator, string name, CancellationToken ct)
    {
        await using var find = database.CreateCommand("select organization_id from members where user_id = $1 and role = 'admin' order by joined_at limit 1");
        find.Parameters.AddWithValue(administrator);
        if (await find.ExecuteScalarAsync(ct) is Guid known)
            return known;
        var id = Guid.CreateVersion7();
        await using var insert = database.CreateCommand(
            "with o as (insert into organizations (id, name, created_at) values ($1, $2, now()) returning id) insert into members (organization_id, user_id, role, joined_at) select id, $3, 'admin', now() from o");
        insert.Parameters.AddWithValue(id);
        insert.Parameters.AddWithValue(name);
        insert.Parameters.AddWithValue(administrator);
        await insert.ExecuteNonQueryAsync(ct);
        return id;
    }
}
