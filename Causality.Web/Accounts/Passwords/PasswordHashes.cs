using Microsoft.AspNetCore.Identity;

namespace Causality.Web.Accounts.Passwords;

/// <summary>
/// Hashing and checking, by the framework's hasher at OWASP's figure. A password is normalized first, and otherwise taken as it is: white space
/// counts, and nothing is cut off.
/// </summary>
internal sealed class PasswordHashes(UserTable users, IPasswordHasher<User> hasher)
{
    private static readonly User Nobody = new(Guid.Empty, "", "", null, false, false);

    // checked where there is no account or it has no password, so that it takes as long as a wrong one
    private readonly Lazy<string> _decoy = new(() => hasher.HashPassword(Nobody, Secret.Create()));

    public string Hash(string password) => hasher.HashPassword(Nobody, PasswordRules.Normalize(password));

    /// <summary>Whether it is this person's password; a hash of less strength than today's is replaced. Does the same work where there is no such person.</summary>
    public async Task<bool> Verify(User? user, string password, CancellationToken ct)
    {
        var decoy = _decoy.Value;
        var result = hasher.VerifyHashedPassword(user ?? Nobody, user?.PasswordHash ?? decoy, PasswordRules.Normalize(password));
        if (user?.PasswordHash is null || result == PasswordVerificationResult.Failed)
            return false;
        if (result == PasswordVerificationResult.SuccessRehashNeeded)
            await users.Rehash(user, Hash(password), ct);
        return true;
    }
}
