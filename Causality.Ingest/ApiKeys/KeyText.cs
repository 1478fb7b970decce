using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Causality.Ingest.ApiKeys;

/// <summary>
/// What an API key looks like: <c>cak_</c>, 30 random characters of base 62 (178 bits), and 6 more that are the CRC-32 (IEEE) of those 30 as
/// a base-62 number, most significant digit first; 40 characters in all. The checksum lets a scanner recognize a leaked key, and Ingest
/// refuse a mistyped one without asking the database. The old form, 64 lowercase hex digits, is accepted as it is.
/// </summary>
internal static class KeyText
{
    public const string Prefix = "cak_";
    private const int RandomLength = 30;
    private const int ChecksumLength = 6;
    private const int Length = 4 + RandomLength + ChecksumLength;
    private const int OldLength = 64;
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> Digits = SearchValues.Create(Base62);
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    public static string Create()
    {
        var random = RandomNumberGenerator.GetString(Base62, RandomLength);
        return Prefix + random + Checksum(random);
    }

    /// <summary>True for text that could be a key; only then is it worth a look-up.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> key) => key.Length switch
    {
        Length => key.StartsWith(Prefix, StringComparison.Ordinal)
            && !key[Prefix.Length..].ContainsAnyExcept(Digits)
            && key[^ChecksumLength..].SequenceEqual(Checksum(key.Slice(Prefix.Length, RandomLength))),
        OldLength => !key.ContainsAnyExcept(LowerHex),
        _ => false,
    };

    /// <summary>The first characters, stored and shown so that people can tell keys apart; they leave more than 140 bits unknown.</summary>
    public static string Shown(string key) => key[..8];

    private static string Checksum(ReadOnlySpan<char> random)
    {
        var crc = uint.MaxValue;
        foreach (var c in random)
        {
            crc ^= c;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320 & (uint)-(int)(crc & 1));
        }
        crc = ~crc;
        return string.Create(ChecksumLength, crc, static (text, rest) =>
        {
            for (var i = text.Length - 1; i >= 0; i--, rest /= 62)
                text[i] = Base62[(int)(rest % 62)];
        });
    }
}

/// <summary>SHA-256 of a key: all that is stored, and what keys are found by, so that comparing tells nothing about the key.</summary>
internal readonly record struct KeyHash(UInt128 High, UInt128 Low)
{
    public static KeyHash Of(ReadOnlySpan<char> wellFormedKey)
    {
        Span<byte> ascii = stackalloc byte[64];
        Span<KeyHash> hash = stackalloc KeyHash[1];
        SHA256.HashData(ascii[..Encoding.ASCII.GetBytes(wellFormedKey, ascii)], MemoryMarshal.AsBytes(hash));
        return hash[0];
    }

    public byte[] ToArray() => MemoryMarshal.AsBytes([this]).ToArray();
}
