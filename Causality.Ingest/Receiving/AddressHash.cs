using System.Net;
using System.Security.Cryptography;
using Causality.Ingest.Apps;

namespace Causality.Ingest.Receiving;

/// <summary>The column <c>ip_hash</c>: 16 bytes of HMAC under the app's own salt. It tells two addresses of an app apart, and nothing more.</summary>
internal static class AddressHash
{
    // of the 16 bytes of an address: an IPv4 address is the last 4 of them
    private const int Network4 = 15, Network6 = 6;

    /// <summary>Null where the app's policy is to drop it.</summary>
    public static string? Of(IPAddress? address, byte[] salt, IpPolicy policy)
    {
        if (address is null || policy == IpPolicy.Drop)
            return null;
        Span<byte> bytes = stackalloc byte[16];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var whole = address.MapToIPv6();
        whole.TryWriteBytes(bytes, out _);
        if (policy == IpPolicy.Truncate)
            bytes[(whole.IsIPv4MappedToIPv6 ? Network4 : Network6)..].Clear();
        HMACSHA256.HashData(salt, bytes, hash);
        return Convert.ToHexStringLower(hash[..16]);
    }
}
