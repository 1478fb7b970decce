using System.Net.Mail;

namespace Causality.Web.Accounts;

/// <summary>E-mail addresses are kept and compared in lower case. New ones are ASCII, so that no two that look alike are different, and no two that differ become one.</summary>
internal static class EmailAddress
{
    public const int MaxLength = 254;   // RFC 5321, with the correction of erratum 1690
    public const string Rule = "must be an e-mail address, such as ada@example.com, of at most 254 characters";

#pragma warning disable CA1308 // lower case is how they are shown
    public static string Normalize(string email) => email.Trim().ToLowerInvariant();
#pragma warning restore CA1308

    /// <summary>Whether a person may have it, white space around it aside.</summary>
    public static bool IsValid(string? email) =>
        email?.Trim() is { Length: > 2 and <= MaxLength } address && !address.AsSpan().ContainsAnyExceptInRange('!', '~')
        && MailAddress.TryCreate(address, out var read) && read.Address == address && read.User.Length > 0 && read.Host.Length > 0 && !address.AsSpan().ContainsAny("\"<>,;");
}
