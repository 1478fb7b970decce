namespace Causality.Web.Accounts;

/// <summary>Makes tokens by which a password can be set once, without the old one. A port: organizations ask, accounts answer.</summary>
internal interface IPasswordResets
{
    /// <summary>A token for this account, good for an hour. It is not stored: only its hash is.</summary>
    Task<(string Token, DateTimeOffset ExpiresAt)> Create(Guid userId, CancellationToken ct);
}
