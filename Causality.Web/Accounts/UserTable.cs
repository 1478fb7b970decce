using Causality.EventStore.Projections;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Web.Accounts;

/// <summary>The table <c>users</c>.</summary>
internal sealed class UserTable(NpgsqlDataSource database, TimeProvider clock)
{
    private const string Columns = "id, email, name, password_hash, administrator, email_verified_at is not null";

    public Task<User?> Find(Guid id, CancellationToken ct) => One($"select {Columns} from users where id = $1", new NpgsqlParameter { Value = id }, ct);

    public Task<User?> Find(string email, CancellationToken ct) => One($"select {Columns} from users where email = $1", new NpgsqlParameter { Value = EmailAddress.Normalize(email) }, ct);

    public async Task<bool> Any(CancellationToken ct)
    {
        await using var select = database.CreateCommand("select exists (select from users)");
        return (bool)(await select.ExecuteScalarAsync(ct))!;
    }

    /// <summary>Adds an account, the first of the installation as its administrator, to what commits together; the commit fails where the e-mail is taken.</summary>
    public void Add(Rows rows, Guid id, Newcomer newcomer) => rows
        // two first accounts at once: one of them is the second
        .Add("select pg_advisory_xact_lock(hashtext('causality first account'))")
        .Add("insert into users (id, email, name, password_hash, created_at, administrator, email_verified_at) values ($1, $2, $3, $4, $5, not exists (select from users), case when $6 then $5 end)",
            id, EmailAddress.Normalize(newcomer.Email), newcomer.Name, new NpgsqlParameter { Value = (object?)newcomer.PasswordHash ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            clock.GetUtcNow(), newcomer.EmailVerified);

    /// <summary>
    /// Makes the administrator, or gives it this password; then every session ends, and where nobody had shown that the e-mail is theirs, whoever
    /// made the account before keeps no other way into it.
    /// </summary>
    public async Task<Guid> EnsureAdministrator(string email, string passwordHash, CancellationToken ct)
    {
        await using var upsert = database.CreateCommand(
            """
            with administrator as (
                insert into users (id, email, password_hash, created_at, administrator, email_verified_at) values ($1, $2, $3, $4, true, $4)
                on conflict (email) do update set password_hash = excluded.password_hash, administrator = true, email_verified_at = coalesce(users.email_verified_at, $4) returning id),
            ended as (
                update sessions s set ended_at = $4, ended_because = 'administrator-set' from administrator a where s.user_id = a.id and s.ended_at is null),
            links as (
                update password_resets r set used_at = $4 from administrator a where r.user_id = a.id and r.used_at is null),
            strangers as (
                delete from external_logins l using users u where u.email = $2 and u.email_verified_at is null and l.user_id = u.id)
            select id from administrator
            """);
        upsert.Parameters.AddWithValue(Guid.CreateVersion7());
        upsert.Parameters.AddWithValue(EmailAddress.Normalize(email));
        upsert.Parameters.AddWithValue(passwordHash);
        upsert.Parameters.AddWithValue(clock.GetUtcNow());
        return (Guid)(await upsert.ExecuteScalarAsync(ct))!;
    }

    public Task Rename(Guid id, string name, CancellationToken ct) => Execute("update users set name = $2 where id = $1", ct, id, name);

    /// <summary>Stores the same password under a stronger hash, unless it was changed meanwhile.</summary>
    public Task Rehash(User user, string passwordHash, CancellationToken ct) =>
        Execute("update users set password_hash = $2 where id = $1 and password_hash = $3", ct, user.Id, passwordHash, user.PasswordHash!);

    private async Task Execute(string sql, CancellationToken ct, params object[] values)
    {
#pragma warning disable CA2100 // the texts are those above
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        foreach (var value in values)
            command.Parameters.AddWithValue(value);
        await command.ExecuteNonQueryAsync(ct);
    }

    private async Task<User?> One(string sql, NpgsqlParameter parameter, CancellationToken ct)
    {
#pragma warning disable CA2100 // the texts are those above
        await using var select = database.CreateCommand(sql);
#pragma warning restore CA2100
        select.Parameters.Add(parameter);
        return await Read(select, ct);
    }

    private static async Task<User?> Read(NpgsqlCommand command, CancellationToken ct)
    {
        await using var row = await command.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct)
            ? new User(row.GetGuid(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3), row.GetBoolean(4), row.GetBoolean(5)) : null;
    }
}
