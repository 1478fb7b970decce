using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Causality.Web.Accounts;

/// <summary>The table password_resets: SHA-256 of tokens of 256 random bits in base64url.</summary>
internal sealed class PasswordResets(NpgsqlDataSource database, TimeProvider clock) : IPasswordResets
{
    public static readonly TimeSpan Life = TimeSpan.FromHours(1);

    public async Task<(string Token, DateTimeOffset ExpiresAt)> Create(Guid userId, CancellationToken ct)
    {
        var (token, now) = (Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)), clock.GetUtcNow());
        await using var insert = database.CreateCommand("insert into password_resets (token_hash, user_id, created_at, expires_at) values ($1, $2, $3, $4)");
        insert.Parameters.AddWithValue(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        insert.Parameters.AddWithValue(userId);
        insert.Parameters.AddWithValue(now);
        insert.Parameters.AddWithValue(now + Life);
        await insert.ExecuteNonQueryAsync(ct);
        return (token, now + Life);
    }
}
