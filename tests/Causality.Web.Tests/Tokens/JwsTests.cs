using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Causality.Web.Accounts.Tokens;
using NUnit.Framework;

namespace Causality.Web.Tests.Tokens;

/// <summary>The examples of RFC 7515, appendix A and C, and what base64url must not be.</summary>
[TestFixture]
internal sealed class JwsTests
{
    private const string Payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    private const string A1 = $"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{Payload}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    private const string A2 = $"eyJhbGciOiJSUzI1NiJ9.{Payload}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    private const string A3 = $"eyJhbGciOiJFUzI1NiJ9.{Payload}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    private static readonly JwsKey Rsa = Jwk("""{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}""")!;
    private static readonly JwsKey Curve = Jwk("""{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""")!;

    [Test]
    public void The_example_of_ES256_is_verified_and_read()
    {
        var jws = Jws.Parse(A3)!;
        Assert.That(jws.IsSignedBy(Curve), Is.True);
        Assert.That((jws.Claims.Text("iss"), jws.Claims.Time("exp")), Is.EqualTo(("joe", DateTimeOffset.FromUnixTimeSeconds(1300819380))));
        Assert.That(jws.Claims.GetProperty("http://example.com/is_root").GetBoolean(), Is.True);
    }

    [Test]
    public void The_example_of_RS256_is_verified() => Assert.That(Jws.Parse(A2)!.IsSignedBy(Rsa), Is.True);

    [Test]
    public void The_example_of_HS256_is_signed_by_no_key() =>
        Assert.That((Jws.Parse(A1)!.IsSignedBy(Curve), Jws.Parse(A1)!.IsSignedBy(Rsa)), Is.EqualTo((false, false)));

    [Test]
    public void A_key_verifies_its_own_algorithm_only() => Assert.That((Jws.Parse(A2)!.IsSignedBy(Curve), Jws.Parse(A3)!.IsSignedBy(Rsa)), Is.EqualTo((false, false)));

    [Test]
    public void Every_changed_character_breaks_the_token()
    {
        for (var i = 0; i < A3.Length; i++)
        {
            var changed = A3[..i] + (A3[i] == 'A' ? 'B' : 'A') + A3[(i + 1)..];
            Assert.That(Jws.Parse(changed)?.IsSignedBy(Curve) ?? false, Is.False, $"at {i}");
        }
    }

    [TestCase("", "")]
    [TestCase("AA", "00")]
    [TestCase("A-z_4ME", "03ECFFE0C1")]   // RFC 7515, appendix C
    public void Base64url_is_decoded(string text, string hex) => Assert.That(Convert.ToHexString(Jws.Decode(text)!), Is.EqualTo(hex));

    [TestCase("A-z_4ME=", TestName = "padding")]
    [TestCase("A+z/4ME", TestName = "the other alphabet")]
    [TestCase("A-z_ 4ME", TestName = "a blank")]
    [TestCase("A-z_4ME\n", TestName = "a line feed")]
    [TestCase("A-z_4MF", TestName = "bits that mean nothing")]
    [TestCase("A", TestName = "a length that cannot be")]
    [TestCase("A-z_4MÉ", TestName = "a letter beyond ASCII")]
    public void What_is_not_exactly_base64url_is_refused(string text) => Assert.That(Jws.Decode(text), Is.Null);

    [TestCase("""{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}""", TestName = "another curve")]
    [TestCase("""{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}""", TestName = "a point off the curve")]
    [TestCase("""{"kty":"EC","crv":"P-256","use":"enc","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""", TestName = "a key to encrypt with")]
    [TestCase("""{"kty":"RSA","alg":"PS256","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4","e":"AQAB"}""", TestName = "another algorithm")]
    [TestCase("""{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTY","e":"AQAB"}""", TestName = "a short RSA key")]
    [TestCase("""{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}""", TestName = "a shared secret")]
    [TestCase("[]", TestName = "no object")]
    public void A_key_that_is_not_for_these_signatures_is_none(string jwk) => Assert.That(Jwk(jwk), Is.Null);

    private static JwsKey? Jwk(string json) => JwsKey.OfJwk(JsonDocument.Parse(json).RootElement);
}
