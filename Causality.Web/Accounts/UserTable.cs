using Causality.Http;
using Microsoft.AspNetCore.Identity;
using Npgsql;

namespace Causality.Web.Accounts;

/// <summary>Who may sign in. E-mails are kept in lower case.</summary>
internal sealed record User(Guid Id, string Email, string PasswordHash, bool Administrator);

internal sealed class UserTable(NpgsqlDataSource database, IPasswordHasher<User> hasher)
{
    private static readonly User Nobody = new(Guid.Empty, "", "", false);

    // verified when there is no such user, so that an unknown e-mail takes as long as a wrong password
    private readonly Lazy<string> _decoy = new(() => hasher.HashPassword(Nobody, Guid.CreateVersion7().ToString()));

    public async Task<User?> Verify(string email, string password, CancellationToken ct)
    {
        var user = await Find(email, ct);
        return hasher.VerifyHashedPassword(user ?? Nobody, user?.PasswordHash ?? _decoy.Value, password) != PasswordVerificationResult.Failed ? user : null;
    }

    /// <summary>Makes the administrator, or gives it this password, so that what <c>./causality up</c> prints is true.</summary>
    public async Task<Guid> Ensure(string email, string password, CancellationToken ct)
    {
        if (await Verify(email, password, ct) is { Administrator: true } known)
            return known.Id;
        await using var upsert = database.CreateCommand(
            "insert into users (id, email, password_hash, administrator) values ($1, $2, $3, true) on conflict (email) do update set password_hash = excluded.password_hash, administrator = true returning id");
        upsert.Parameters.AddWithValue(Guid.CreateVersion7());
        upsert.Parameters.AddWithValue(Normalize(email));
        upsert.Parameters.AddWithValue(hasher.HashPassword(Nobody, password));
        return (Guid)(await upsert.ExecuteScalarAsync(ct))!;
    }

    public async Task<Actor> Open(User user, CancellationToken ct)
    {
        var session = Guid.CreateVersion7();
        await using var insert = database.CreateCommand("insert into sessions (id, user_id, created_at, last_seen_at, expires_at) values ($1, $2, now(), now(), now() + interval '7 days')");
        insert.Parameters.AddWithValue(session);
        insert.Parameters.AddWithValue(user.Id);
        await insert.ExecuteNonQueryAsync(ct);
        return new Actor(user.Id, user.Email, session);
    }

    private async Task<User?> Find(string email, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select id, email, password_hash, administrator from users where email = $1");
        select.Parameters.AddWithValue(Normalize(email));
        await using var reader = await select.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? new User(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetBoolean(3)) : null;
    }

#pragma warning disable CA1308 // e-mails are compared in lower case, as they are shown
    private static string Normalize(string email) => email.Trim().ToLowerInvariant();
#pragma warning restore CA1308
}
