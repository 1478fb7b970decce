using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Causality.Web.Accounts;

/// <summary>A random text of 256 bits that is given away once and kept as its SHA-256: what cannot be guessed needs no slow hash.</summary>
internal static class Secret
{
    public const int Length = 43;

    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
