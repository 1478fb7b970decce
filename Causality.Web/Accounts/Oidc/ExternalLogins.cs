using Npgsql;

namespace Causality.Web.Accounts.Oidc;

/// <summary>The table <c>external_logins</c>: whose account an identity of a provider is.</summary>
internal sealed class ExternalLogins(NpgsqlDataSource database, TimeProvider clock)
{
    public async Task<Guid?> Find(Identity identity, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select user_id from external_logins where issuer = $1 and subject = $2");
        select.Parameters.AddWithValue(identity.Issuer);
        select.Parameters.AddWithValue(identity.Subject);
        return await select.ExecuteScalarAsync(ct) as Guid?;
    }

    /// <summary>
    /// Links the identity. Where nobody had shown yet that the account's e-mail is theirs, and the provider now does, the password, the sessions and the
    /// other identities that it had go: whoever made it may have been somebody else, who would share the account from now on.
    /// </summary>
    public async Task Link(Identity identity, Guid user, CancellationToken ct)
    {
        await using var link = database.CreateCommand(
            """
            with linked as (
                insert into external_logins (issuer, subject, user_id, linked_at) values ($1, $2, $3, $4) on conflict do nothing),
            proven as (
                update users set email_verified_at = $4, password_hash = null where id = $3 and $5 and email_verified_at is null returning id),
            others as (
                delete from external_logins l using proven where l.user_id = proven.id and (l.issuer, l.subject) <> ($1, $2)),
            links as (
                update password_resets r set used_at = $4 from proven where r.user_id = proven.id and r.used_at is null)
            update sessions s set ended_at = $4, ended_because = 'oidc-linked' from proven where s.user_id = proven.id and s.ended_at is null
            """);
        link.Parameters.AddWithValue(identity.Issuer);
        link.Parameters.AddWithValue(identity.Subject);
        link.Parameters.AddWithValue(user);
        link.Parameters.AddWithValue(clock.GetUtcNow());
        link.Parameters.AddWithValue(identity.EmailVerified);
        await link.ExecuteNonQueryAsync(ct);
    }
}
