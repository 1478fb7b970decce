using Npgsql;

namespace Causality.Web.Accounts.Passwords;

/// <summary>Gives accounts new passwords, and the links by which who forgot theirs gets one: random, kept as SHA-256, good for an hour and once.</summary>
internal sealed class PasswordTable(NpgsqlDataSource database, TimeProvider clock)
{
    public static readonly TimeSpan LinkLife = TimeSpan.FromHours(1);
    private static readonly TimeSpan BetweenMails = TimeSpan.FromMinutes(1);

    // who changes the password and who resets it both begin with the account's row, so neither sees half of what the other did, nor waits for the other while it waits
    private const string LockUser = "select from users where id = $1 for no key update", LockOwner = "select from users where id = (select user_id from password_resets where token_hash = $1) for no key update";

    // what an admin of one organization was given is no way into another that the person joined since
    private const string IsGood = "used_at is null and expires_at > $2 and (mailed or not exists (select from members m where m.user_id = password_resets.user_id and m.joined_at > password_resets.created_at))";

    /// <summary>The page that a link leads to. The token stands where browsers do not send it anywhere.</summary>
    public static string Page(string token) => $"/app/reset-password#{token}";

    /// <summary>
    /// A token that gives this person a new password. <paramref name="mailed"/>: it is sent to their own address and shown to nobody else; then
    /// null when one was sent in the last minute.
    /// </summary>
    public async Task<(string Token, DateTimeOffset ExpiresAt)?> IssueLink(Guid user, bool mailed, CancellationToken ct)
    {
        var (token, now) = (Secret.Create(), clock.GetUtcNow());
        await using var insert = database.CreateCommand(
            """
            insert into password_resets (token_hash, user_id, created_at, expires_at, mailed)
            select $1, $2, $3, $4, $5 where not $5 or not exists (select from password_resets where user_id = $2 and mailed and used_at is null and created_at > $6)
            """);
        insert.Parameters.AddWithValue(Secret.Hash(token));
        insert.Parameters.AddWithValue(user);
        insert.Parameters.AddWithValue(now);
        insert.Parameters.AddWithValue(now + LinkLife);
        insert.Parameters.AddWithValue(mailed);
        insert.Parameters.AddWithValue(now - BetweenMails);
        return await insert.ExecuteNonQueryAsync(ct) == 1 ? (token, now + LinkLife) : null;
    }

    /// <summary>Whose password the token gives; null where it is none, was used, has expired, or was made by an admin before the person joined another organization.</summary>
    public async Task<Guid?> Owner(string token, CancellationToken ct)
    {
        await using var select = database.CreateCommand($"select user_id from password_resets where token_hash = $1 and {IsGood}");
        select.Parameters.AddWithValue(Secret.Hash(token));
        select.Parameters.AddWithValue(clock.GetUtcNow());
        return await select.ExecuteScalarAsync(ct) as Guid?;
    }

    /// <summary>
    /// Uses the token: the new password is stored, every session ends, no other link is good any more. Where a mailed one is the first to show
    /// whose the e-mail is, identities of providers that were linked before go too. False where it was used meanwhile.
    /// </summary>
    public async Task<bool> Reset(string token, string passwordHash, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var batch = database.CreateBatch();   // one transaction
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockOwner) { Parameters = { new() { Value = Secret.Hash(token) } } });
        var reset = new NpgsqlBatchCommand(
            $"""
            with link as (
                update password_resets set used_at = $2 where token_hash = $1 and {IsGood} returning user_id, mailed),
            others as (
                update password_resets r set used_at = $2 from link where r.user_id = link.user_id and r.token_hash <> $1 and r.used_at is null),
            ended as (
                update sessions s set ended_at = $2, ended_because = 'password-reset' from link where s.user_id = link.user_id and s.ended_at is null),
            strangers as (
                delete from external_logins l using link, users u where link.mailed and u.id = link.user_id and u.email_verified_at is null and l.user_id = u.id),
            forgotten as (
                delete from sign_in_failures f using link, users u where u.id = link.user_id and f.email = u.email)
            update users u set password_hash = $3, email_verified_at = coalesce(u.email_verified_at, case when link.mailed then $2 end) from link where u.id = link.user_id
            """);
        reset.Parameters.AddWithValue(Secret.Hash(token));
        reset.Parameters.AddWithValue(now);
        reset.Parameters.AddWithValue(passwordHash);
        batch.BatchCommands.Add(reset);
        await batch.ExecuteNonQueryAsync(ct);
        return reset.RecordsAffected == 1;
    }

    /// <summary>
    /// Stores the new password; every session but this one ends, and no link is good any more. False where this one has ended meanwhile, as by a
    /// reset: then nothing is changed.
    /// </summary>
    public async Task<bool> Change(Guid user, Guid session, string passwordHash, CancellationToken ct)
    {
        await using var batch = database.CreateBatch();   // one transaction
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockUser) { Parameters = { new() { Value = user } } });
        var change = new NpgsqlBatchCommand(
            """
            with present as (
                select user_id from sessions where id = $2 and user_id = $1 and ended_at is null for update),
            links as (
                update password_resets r set used_at = $3 from present where r.user_id = present.user_id and r.used_at is null),
            ended as (
                update sessions s set ended_at = $3, ended_because = 'password-changed' from present where s.user_id = present.user_id and s.id <> $2 and s.ended_at is null)
            update users u set password_hash = $4 from present where u.id = present.user_id
            """);
        change.Parameters.AddWithValue(user);
        change.Parameters.AddWithValue(session);
        change.Parameters.AddWithValue(clock.GetUtcNow());
        change.Parameters.AddWithValue(passwordHash);
        batch.BatchCommands.Add(change);
        await batch.ExecuteNonQueryAsync(ct);
        return change.RecordsAffected == 1;
    }
}
