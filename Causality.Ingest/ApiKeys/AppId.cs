using System.Buffers;

namespace Causality.Ingest.ApiKeys;

/// <summary>The rule for an app's id: it becomes part of a path in the lake.</summary>
internal static class AppId
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary><c>[A-Za-z0-9._-]{1,128}</c>, and not a name that a file system gives a meaning.</summary>
    public static bool IsValid(ReadOnlySpan<char> id) => id.Length is > 0 and <= 128 && !id.ContainsAnyExcept(Allowed) && id is not ("." or "..");
}
