namespace Causality.Web.Organizations;

/// <summary>E-mails are compared, kept and shown in lower case.</summary>
internal static class Email
{
    public const int MaxLength = 255;

    public static bool IsValid(string? email) =>
        email?.Trim() is { Length: >= 3 and <= MaxLength } text && text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < text.Length - 1
        && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c));

#pragma warning disable CA1308 // they are shown in lower case
    public static string Normalize(string email) => email.Trim().ToLowerInvariant();
#pragma warning restore CA1308
}
