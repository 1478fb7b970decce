namespace Causality.Web.Accounts;

/// <summary>Somebody who may sign in.</summary>
/// <param name="PasswordHash">Null for who signs in by a provider only.</param>
/// <param name="EmailVerified">Whether the address was shown to be theirs.</param>
internal sealed record User(Guid Id, string Email, string Name, string? PasswordHash, bool Administrator, bool EmailVerified);
