using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Causality.Integration.Tests.Accounts;

/// <summary>
/// A provider of OpenID Connect: discovery, authorization, token with PKCE, keys, user info. It signs everybody in at once, as <see cref="Person"/>, and does
/// wrong what a test tells it to.
/// </summary>
internal sealed class SmallProvider : IAsyncDisposable
{
    public const string Client = "causality", Secret = "s3cret:with/odd+signs";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, (string Challenge, string RedirectUri, string Nonce)> _codes = new();
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private SmallProvider()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.MapGet("/.well-known/openid-configuration", Discovery);
        _app.MapGet("/authorize", Authorize);
        _app.MapPost("/token", (Delegate)Token);
        _app.MapGet("/keys", () => Results.Json(Keys()));
        _app.MapGet("/userinfo", (HttpContext context) => context.Request.Headers.Authorization == "Bearer at" ? Results.Json(UserInfo) : Results.Unauthorized());
    }

    public string Issuer => _app.Urls.First();

    /// <summary>The claims of who signs in.</summary>
    public JsonObject Person { get; set; } = [];

    public JsonObject UserInfo { get; set; } = [];

    /// <summary>What is changed in the next ID tokens, after all else.</summary>
    public Action<JsonObject> Wrong { get; set; } = _ => { };

    public string Algorithm { get; set; } = "RS256";

    /// <summary>Whether tokens are signed with keys that nobody publishes.</summary>
    public bool Forged { get; set; }

    /// <summary>Whether it answers 503 only.</summary>
    public bool Away { get; set; }

    /// <summary>How the client showed who it is.</summary>
    public string? Authorization { get; private set; }

    public static async Task<SmallProvider> Start()
    {
        var provider = new SmallProvider();
        await provider._app.StartAsync();
        return provider;
    }

    public void Behave() => (Wrong, Algorithm, Forged, Away, UserInfo) = (_ => { }, "RS256", false, false, []);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _rsa.Dispose();
        _curve.Dispose();
    }

    private IResult Discovery() => Away ? Results.StatusCode(503) : Results.Json(new Dictionary<string, object>
    {
        ["issuer"] = Issuer,
        ["authorization_endpoint"] = $"{Issuer}/authorize",
        ["token_endpoint"] = $"{Issuer}/token",
        ["userinfo_endpoint"] = $"{Issuer}/userinfo",
        ["jwks_uri"] = $"{Issuer}/keys",
        ["token_endpoint_auth_methods_supported"] = new[] { "client_secret_basic", "client_secret_post" },
    });

    private IResult Authorize(HttpContext context)
    {
        var asked = context.Request.Query;
        if (asked["client_id"] != Client || asked["response_type"] != "code" || asked["code_challenge_method"] != "S256" || !asked["scope"].ToString().Split(' ').Contains("openid"))
            return Results.BadRequest();
        var code = Guid.CreateVersion7().ToString();
        _codes[code] = (asked["code_challenge"]!, asked["redirect_uri"]!, asked["nonce"]!);
        return Results.Redirect(QueryHelpers.AddQueryString(asked["redirect_uri"]!, new Dictionary<string, string?> { ["code"] = code, ["state"] = asked["state"] }));
    }

    private async Task<IResult> Token(HttpContext context)
    {
        if (Away)
            return Results.StatusCode(503);
        var form = await context.Request.ReadFormAsync();
        Authorization = Encoding.UTF8.GetString(Convert.FromBase64String(context.Request.Headers.Authorization.ToString()["Basic ".Length..]));
        // a code is good once; PKCE: the verifier must be the one whose hash was shown
        if (!_codes.TryRemove(form["code"]!, out var code) || form["grant_type"] != "authorization_code" || form["redirect_uri"] != code.RedirectUri
            || Authorization != $"{Client}:{Uri.EscapeDataString(Secret)}" || Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"]!))) != code.Challenge)
            return Results.Json(new { error = "invalid_grant" }, statusCode: 400);
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new JsonObject { ["iss"] = Issuer, ["aud"] = Client, ["iat"] = now, ["exp"] = now + 300, ["nonce"] = code.Nonce };
        foreach (var (name, value) in Person)
            claims[name] = value?.DeepClone();
        Wrong(claims);
        return Results.Json(new { access_token = "at", token_type = "Bearer", id_token = Sign(claims) });
    }

    private string Sign(JsonObject claims)
    {
        var header = new JsonObject { ["alg"] = Algorithm, ["kid"] = Algorithm == "ES256" ? "curve" : "rsa", ["typ"] = "JWT" };
        var signed = Encoding.ASCII.GetBytes($"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}");
        using var stranger = RSA.Create(2048);
        var signature = Algorithm switch
        {
            "none" => [],
            "ES256" => _curve.SignData(signed, HashAlgorithmName.SHA256),
            "HS256" => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), signed),
            _ => (Forged ? stranger : _rsa).SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        };
        return $"{Encoding.ASCII.GetString(signed)}.{Base64Url.EncodeToString(signature)}";
    }

    private object Keys()
    {
        var (rsa, curve) = (_rsa.ExportParameters(false), _curve.ExportParameters(false).Q);
        return new
        {
            keys = new object[]
            {
                new { kty = "oct", kid = "shared", k = "AAAA" },
                new { kty = "RSA", use = "sig", kid = "rsa", n = Base64Url.EncodeToString(rsa.Modulus), e = Base64Url.EncodeToString(rsa.Exponent) },
                new { kty = "EC", crv = "P-256", kid = "curve", x = Base64Url.EncodeToString(curve.X), y = Base64Url.EncodeToString(curve.Y) },
            },
        };
    }
}
