using System.ComponentModel.DataAnnotations;

namespace Causality.Web.Accounts;

/// <summary>Who may make an account.</summary>
public enum RegistrationMode
{
    /// <summary>Everybody who reaches the page; each gets an organization.</summary>
    Open,

    /// <summary>Who has an invitation. The first account of an installation needs none.</summary>
    Invited,
}

/// <summary>Settings of the accounts, <c>CAUSALITY_ACCOUNTS__…</c>.</summary>
public sealed class AccountsOptions
{
    /// <summary>Who may make an account: <c>Open</c> for everybody, <c>Invited</c> for who has an invitation.</summary>
    [EnumDataType(typeof(RegistrationMode))]
    public RegistrationMode Registration { get; set; } = RegistrationMode.Open;

    /// <summary>Sign-ins, registrations, password resets and invitations per minute from one address (of IPv6: one /64); more are answered with 429.</summary>
    [Range(1, 1_000_000)]
    public int TriesPerMinute { get; set; } = 30;
}
