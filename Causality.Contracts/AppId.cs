using System.Buffers;

namespace Causality.Contracts;

/// <summary>The rule for an app's id, since it becomes part of a path in the lake: <c>[A-Za-z0-9._-]{1,128}</c>, and not dots alone, which a file system gives a meaning.</summary>
public static class AppId
{
    private const string Allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    private static readonly SearchValues<char> Characters = SearchValues.Create(Allowed);
    private static readonly SearchValues<byte> Bytes = SearchValues.Create(System.Text.Encoding.ASCII.GetBytes(Allowed));

    public static bool IsValid(ReadOnlySpan<char> id) => id.Length is > 0 and <= 128 && !id.ContainsAnyExcept(Characters) && id.ContainsAnyExcept('.');

    public static bool IsValid(ReadOnlySpan<byte> utf8) => utf8.Length is > 0 and <= 128 && !utf8.ContainsAnyExcept(Bytes) && utf8.ContainsAnyExcept((byte)'.');
}
