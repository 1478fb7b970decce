using System.Security.Cryptography;
using System.Text.Json;

namespace Causality.Web.Accounts.Tokens;

/// <summary>A public key and the one algorithm that it verifies: ES256 for the curve P-256, RS256 for RSA of at least 2,048 bits (RFC 7518).</summary>
internal sealed class JwsKey
{
    public const string Es256 = "ES256", Rs256 = "RS256";
    private const int LeastRsaBits = 2_048, Es256SignatureBytes = 64;

    private readonly Func<byte[], byte[], bool> _verify;

    private JwsKey(string algorithm, Func<byte[], byte[], bool> verify) => (Algorithm, _verify) = (algorithm, verify);

    public string Algorithm { get; }

    public bool Verify(byte[] data, byte[] signature) => _verify(data, signature);

    /// <exception cref="CryptographicException">The point does not lie on the curve.</exception>
    public static JwsKey OfCurve(ECParameters key)
    {
        // instances of the base library's algorithms are not for several threads at once
        using var check = ECDsa.Create(key);
        var each = new ThreadLocal<ECDsa>(() => ECDsa.Create(key));
        return new JwsKey(Es256, (data, signature) => signature.Length == Es256SignatureBytes
            && each.Value!.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    /// <exception cref="CryptographicException">The key is no RSA key, or a short one.</exception>
    public static JwsKey OfRsa(RSAParameters key)
    {
        using var check = RSA.Create(key);
        if (check.KeySize < LeastRsaBits)
            throw new CryptographicException($"An RSA key of {check.KeySize} bits is too short.");
        var each = new ThreadLocal<RSA>(() => RSA.Create(key));
        return new JwsKey(Rs256, (data, signature) => each.Value!.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    /// <summary>A key of a JWK set (RFC 7517); null for one that is not for these signatures.</summary>
    public static JwsKey? OfJwk(JsonElement jwk)
    {
        byte[]? Member(string name) => jwk.Text(name) is { } text ? Jws.Decode(text) : null;
        try
        {
            if (jwk.ValueKind != JsonValueKind.Object || jwk.Text("use") is not (null or "sig"))
                return null;
            return (jwk.Text("kty"), jwk.Text("crv"), jwk.Text("alg")) switch
            {
                ("EC", "P-256", null or Es256) when Member("x") is { } x && Member("y") is { } y =>
                    OfCurve(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } }),
                ("RSA", _, null or Rs256) when Member("n") is { } n && Member("e") is { } e => OfRsa(new RSAParameters { Modulus = n, Exponent = e }),
                _ => null,
            };
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
