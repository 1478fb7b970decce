using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causality.Http;
using Causality.Web.Accounts.Tokens;
using NUnit.Framework;

namespace Causality.Web.Tests.Tokens;

/// <summary>What an access token says, and that nothing else passes for one.</summary>
[TestFixture]
internal sealed class AccessTokenTests
{
    private static readonly Guid User = Guid.CreateVersion7(), Session = Guid.CreateVersion7();
    private static readonly TestClock Clock = new();
    private static readonly OneKey Keys = new();
    private static readonly AccessTokens Tokens = new(Keys, Clock);

    [OneTimeTearDown]
    public void End() => Keys.Dispose();

    [Test]
    public async Task A_token_tells_whom_it_was_issued_to_for_15_minutes()
    {
        var token = await Issue();
        Assert.That(await Read(token), Is.EqualTo(new Actor(User, "ada@example.com", Session)));
        var clock = new TestClock();
        var later = new AccessTokens(Keys, clock);
        clock.Pass(AccessTokens.Life - TimeSpan.FromSeconds(1));
        Assert.That(await later.Read(token, default), Is.Not.Null);
        clock.Pass(TimeSpan.FromSeconds(1));
        Assert.That(await later.Read(token, default), Is.Null);
    }

    [Test]
    public async Task A_token_has_the_claims_of_the_contract()
    {
        var parts = (await Issue()).Split('.');
        Assert.That(Text(parts[0]), Is.EqualTo("""{"alg":"ES256","kid":"k1","typ":"at+jwt"}"""));
        var now = Clock.GetUtcNow().ToUnixTimeSeconds();
        Assert.That(Text(parts[1]), Is.EqualTo($$"""{"iss":"causality","aud":"causality-api","sub":"{{User}}","email":"ada@example.com","sid":"{{Session}}","iat":{{now}},"exp":{{now + 900}}}"""));
        Assert.That(Jws.Decode(parts[2]), Has.Length.EqualTo(64));
    }

    [TestCaseSource(nameof(Forgeries))]
    public async Task A_forgery_is_nobodys(Func<string> forge)
    {
        Assert.That(await Read(Forge(_ => { }, _ => { })), Is.Not.Null, "the forger's tools make good tokens");
        Assert.That(await Read(forge()), Is.Null);
    }

    private static IEnumerable<TestCaseData> Forgeries()
    {
        static TestCaseData Case(string name, Func<string> forge) => new TestCaseData(forge).SetArgDisplayNames(name);
        static string Header(string name, JsonNode? value) => Forge(h => h[name] = value, _ => { });
        static string Claim(string name, JsonNode? value) => Forge(_ => { }, c => c[name] = value);
        static string Good() => Forge(_ => { }, _ => { });
        static string[] Parts() => Good().Split('.');

        foreach (var none in new[] { "none", "None", "NONE", "nOnE", "" })
            yield return Case($"alg {none} without signature", () => $"{Unsigned(h => h["alg"] = none)}.");
        yield return Case("alg none with a signature", () => Header("alg", "none"));
        yield return Case("HS256 with the public key in PEM as the secret", () => Mac(Encoding.ASCII.GetBytes(Keys.Key.ExportSubjectPublicKeyInfoPem())));
        yield return Case("HS256 with the public key in DER as the secret", () => Mac(Keys.Key.ExportSubjectPublicKeyInfo()));
        yield return Case("HS256 with an empty secret", () => Mac([]));
        foreach (var other in new[] { "ES384", "ES512", "RS256", "PS256", "EdDSA", "es256", "ES256 " })
            yield return Case($"alg {other}", () => Header("alg", other));
        yield return Case("no alg", () => Forge(h => h.Remove("alg"), _ => { }));
        yield return Case("alg that is no text", () => Header("alg", new JsonArray("ES256")));
        yield return Case("ES384, signed so", () => With(ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384, "ES384"));
        yield return Case("another key under our id", () => With(ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256, "ES256"));

        foreach (var kid in new[] { "k2", "", "K1", "../../../../dev/null", "/etc/passwd", "k1' or '1'='1", "k1; drop table signing_keys", "http://evil.example/key", "k1\0", "\ud83d\ude00" })
            yield return Case($"kid {kid}", () => Header("kid", kid));
        yield return Case("no kid", () => Forge(h => h.Remove("kid"), _ => { }));
        yield return Case("kid that is no text", () => Header("kid", 1));
        yield return Case("kid null", () => Header("kid", null));

        foreach (var embedded in new[] { "jwk", "jku", "x5u", "x5c" })
            yield return Case($"the forger's key in {embedded}", () => Embedded(embedded));
        yield return Case("crit", () => Forge(h => (h["crit"], h["exp"]) = (new JsonArray("exp"), 1), _ => { }));
        yield return Case("crit, empty", () => Header("crit", new JsonArray()));
        yield return Case("typ JWT, such as an ID token has", () => Header("typ", "JWT"));
        yield return Case("no typ", () => Forge(h => h.Remove("typ"), _ => { }));

        yield return Case("the header changed", () => $"{Encode("""{"alg":"ES256","kid":"k1","typ":"at+jwt","a":1}""")}.{Parts()[1]}.{Parts()[2]}");
        yield return Case("the claims changed", () => $"{Parts()[0]}.{Encode(Claims().ToJsonString().Replace("ada", "eve", StringComparison.Ordinal))}.{Parts()[2]}");
        yield return Case("the signature of other claims", () => $"{Parts()[0]}.{Parts()[1]}.{Claim("email", "eve@example.com").Split('.')[2]}");
        yield return Case("one bit of the signature", () => Signature(s => s[40] ^= 1));
        yield return Case("a signature in DER", () => Signed(Unsigned(), DSASignatureFormat.Rfc3279DerSequence));
        yield return Case("r = s = 0", () => Signature(s => Array.Clear(s)));   // CVE-2022-21449
        yield return Case("r = 0", () => Signature(s => Array.Clear(s, 0, 32)));
        yield return Case("s = 0", () => Signature(s => Array.Clear(s, 32, 32)));
        yield return Case("r = the order of the curve", () => Signature(s => Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551").CopyTo(s, 0)));
        yield return Case("a signature of 63 bytes", () => $"{Unsigned()}.{Base64Url.EncodeToString(new byte[63])}");
        yield return Case("a signature of 65 bytes", () => $"{Parts()[0]}.{Parts()[1]}.{Base64Url.EncodeToString([.. Jws.Decode(Parts()[2])!, 0])}");
        yield return Case("an empty signature", () => $"{Unsigned()}.");

        yield return Case("nothing", () => "");
        yield return Case("dots", () => "..");
        yield return Case("two parts", Unsigned);
        yield return Case("four parts", () => Good() + ".e30");
        yield return Case("five parts, as of a JWE", () => Good() + "..");
        yield return Case("a dot before", () => "." + Good());
        yield return Case("cut by one", () => Good()[..^1]);
        yield return Case("cut in half", () => Good()[..(Good().Length / 2)]);
        yield return Case("padded", () => Good() + "==");
        yield return Case("a blank within", () => Good().Insert(20, " "));
        yield return Case("a line feed behind", () => Good() + "\n");
        yield return Case("a line feed in the signature", () => Good().Insert(Good().Length - 10, "\n"));
        yield return Case("signed with padding", () => Signed($"{Encode(HeaderOf().ToJsonString())}=.{Encode(Claims().ToJsonString())}"));
        yield return Case("the JSON serialization", () => $$"""{"payload":"{{Parts()[1]}}","protected":"{{Parts()[0]}}","signature":"{{Parts()[2]}}"}""");
        yield return Case("too long", () => Claim("padding", new string('a', 20_000)));
        yield return Case("far too long", () => new string('a', 1_000_000) + "." + new string('b', 1_000_000) + ".c");

        yield return Case("a header that is no JSON", () => Signed($"{Encode("alg")}.{Encode(Claims().ToJsonString())}"));
        yield return Case("a header that is an array", () => Signed($"{Encode("[]")}.{Encode(Claims().ToJsonString())}"));
        yield return Case("claims that are text", () => Signed($"{Encode(HeaderOf().ToJsonString())}.{Encode("\"sub\"")}"));
        yield return Case("claims with something behind", () => Signed($"{Encode(HeaderOf().ToJsonString())}.{Encode(Claims().ToJsonString() + "{}")}"));
        yield return Case("a member twice in the header", () => Signed($"{Encode("""{"alg":"ES256","kid":"k2","kid":"k1","typ":"at+jwt"}""")}.{Encode(Claims().ToJsonString())}"));
        yield return Case("a member twice in the claims", () => Signed($"{Encode(HeaderOf().ToJsonString())}.{Encode(Claims().ToJsonString()[..^1] + $",\"sub\":\"{Guid.CreateVersion7()}\"}}")}"));
        yield return Case("bytes that are no UTF-8", () => Signed($"{Encode(HeaderOf().ToJsonString())}.{Base64Url.EncodeToString([.. Encoding.UTF8.GetBytes(Claims().ToJsonString()[..^1]), .. ",\"x\":\""u8, 0xC3, 0x28, .. "\"}"u8])}"));
        yield return Case("half a surrogate pair", () => Signed($"{Encode(HeaderOf().ToJsonString())}.{Encode(Claims().ToJsonString().Replace("ada@", "\\ud800@", StringComparison.Ordinal))}"));
        yield return Case("nested too deep", () => Signed($"{Encode(HeaderOf().ToJsonString())}.{Encode(Claims().ToJsonString()[..^1] + ",\"x\":" + new string('[', 100) + new string(']', 100) + "}")}"));

        var now = Clock.GetUtcNow().ToUnixTimeSeconds();
        yield return Case("expired", () => Claim("exp", now - 1));
        yield return Case("expiring now", () => Claim("exp", now));
        yield return Case("no end", () => Forge(_ => { }, c => c.Remove("exp")));
        yield return Case("an end that is text", () => Claim("exp", "9999999999"));
        yield return Case("an end beyond time", () => Claim("exp", 1e300));
        yield return Case("an end before time", () => Claim("exp", -1));
        yield return Case("not valid yet", () => Claim("nbf", now + 60));
        yield return Case("valid from a text", () => Claim("nbf", "0"));
        yield return Case("issued in the future", () => Claim("iat", now + 60));
        yield return Case("never issued", () => Forge(_ => { }, c => c.Remove("iat")));
        yield return Case("another issuer", () => Claim("iss", "https://evil.example"));
        yield return Case("no issuer", () => Forge(_ => { }, c => c.Remove("iss")));
        yield return Case("another audience", () => Claim("aud", "another"));
        yield return Case("several audiences", () => Claim("aud", new JsonArray("causality-api", "another")));
        yield return Case("no audience", () => Forge(_ => { }, c => c.Remove("aud")));
        yield return Case("no subject", () => Forge(_ => { }, c => c.Remove("sub")));
        yield return Case("a subject that is no id", () => Claim("sub", "1"));
        yield return Case("no session", () => Forge(_ => { }, c => c.Remove("sid")));
        yield return Case("no e-mail", () => Claim("email", ""));
    }

    [Test]
    public async Task An_id_of_a_key_is_looked_up_as_it_is_and_only_where_the_token_is_one_of_ours_in_form()
    {
        Keys.Asked.Clear();
        await Read(Forge(h => h["typ"] = "JWT", _ => { }));
        await Read("a.b.c");
        Assert.That(Keys.Asked, Is.Empty);
        await Read(Forge(h => h["kid"] = "../k1", _ => { }));
        Assert.That(Keys.Asked, Is.EqualTo(new[] { "../k1" }));
    }

    private static async Task<string> Issue() => await Tokens.Issue(User, "ada@example.com", Session, default);

    private static async Task<Actor?> Read(string token) => await Tokens.Read(token, default);

    private static JsonObject HeaderOf() => new() { ["alg"] = "ES256", ["kid"] = OneKey.Id, ["typ"] = "at+jwt" };

    private static JsonObject Claims() => new()
    {
        ["iss"] = "causality",
        ["aud"] = "causality-api",
        ["sub"] = User.ToString(),
        ["email"] = "ada@example.com",
        ["sid"] = Session.ToString(),
        ["iat"] = Clock.GetUtcNow().ToUnixTimeSeconds(),
        ["exp"] = Clock.GetUtcNow().ToUnixTimeSeconds() + 900,
    };

    /// <summary>A token with these changes, signed with the installation's own key.</summary>
    private static string Forge(Action<JsonObject> header, Action<JsonObject> claims)
    {
        var changed = Claims();
        claims(changed);
        return Signed($"{Unsigned(header).Split('.')[0]}.{Encode(changed.ToJsonString())}");
    }

    private static string Unsigned() => Unsigned(_ => { });

    private static string Unsigned(Action<JsonObject> header)
    {
        var changed = HeaderOf();
        header(changed);
        return $"{Encode(changed.ToJsonString())}.{Encode(Claims().ToJsonString())}";
    }

    private static string Signed(string unsigned, DSASignatureFormat format = DSASignatureFormat.IeeeP1363FixedFieldConcatenation) =>
        $"{unsigned}.{Base64Url.EncodeToString(Keys.Key.SignData(Encoding.ASCII.GetBytes(unsigned), HashAlgorithmName.SHA256, format))}";

    private static string Mac(byte[] secret)
    {
        var unsigned = Unsigned(h => h["alg"] = "HS256");
        return $"{unsigned}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(unsigned)))}";
    }

    private static string With(ECCurve curve, HashAlgorithmName hash, string algorithm)
    {
        using var key = ECDsa.Create(curve);
        var unsigned = Unsigned(h => h["alg"] = algorithm);
        return $"{unsigned}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(unsigned), hash))}";
    }

    private static string Embedded(string member)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(false).Q;
        var unsigned = Unsigned(h => h[member] = member switch
        {
            "jwk" => new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) },
            "x5c" => new JsonArray(Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())),
            _ => "https://evil.example/keys",
        });
        return $"{unsigned}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(unsigned), HashAlgorithmName.SHA256))}";
    }

    private static string Signature(Action<byte[]> change)
    {
        var parts = Forge(_ => { }, _ => { }).Split('.');
        var signature = Jws.Decode(parts[2])!;
        change(signature);
        return $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static string Text(string part) => Encoding.UTF8.GetString(Jws.Decode(part)!);
}
