using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Causality.Web.Organizations;

/// <summary>What an invitation's link holds: 256 random bits in base64url. Only the SHA-256 is kept.</summary>
internal static class InvitationToken
{
    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
