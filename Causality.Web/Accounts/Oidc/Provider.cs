using System.Text.Json;
using Causality.Web.Accounts.Tokens;
using Microsoft.Extensions.Options;

namespace Causality.Web.Accounts.Oidc;

/// <summary>What a provider says of itself (OpenID Connect Discovery 1.0).</summary>
internal sealed record ProviderDocument(string Issuer, string Authorization, string Token, string? UserInfo, string Keys, bool SecretInBody);

/// <summary>A sign-in that did not come about; <paramref name="code"/> is for the page, the message for the log.</summary>
internal sealed class OidcException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;
}

/// <summary>The configured provider: its document and its keys, each read once an hour, the keys sooner when a token names one that is not known.</summary>
internal sealed class Provider(IOptions<OidcOptions> options, HttpClient http, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1), Pause = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _one = new(1, 1);
    private volatile Dated<ProviderDocument>? _document;
    private volatile Dated<IReadOnlyList<(string? Id, JwsKey Key)>>? _keys;

    /// <summary>Whether what is sent there cannot be read or changed on the way.</summary>
    public static bool IsSafe(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));

    public async Task<ProviderDocument> Document(CancellationToken ct)
    {
        if (_document is { } known && clock.GetUtcNow() - known.At < Fresh)
            return known.Value;
        var authority = options.Value.Authority.TrimEnd('/');
        var json = await Get($"{authority}/.well-known/openid-configuration", null, ct);
        string Address(string name) => json.Text(name) is { } address && IsSafe(address) ? address
            : throw new OidcException("provider-away", $"The provider's document has no {name} with https://.");
        if (json.Text("issuer") is not { } issuer || issuer.TrimEnd('/') != authority)
            throw new OidcException("provider-away", $"The provider calls itself {json.Text("issuer")}, not {authority}.");
        var methods = json.TryGetProperty("token_endpoint_auth_methods_supported", out var supported) && supported.ValueKind == JsonValueKind.Array
            ? supported.EnumerateArray().Select(m => m.ToString()).ToList() : ["client_secret_basic"];
        var document = new ProviderDocument(issuer, Address("authorization_endpoint"), Address("token_endpoint"),
            json.Text("userinfo_endpoint") is null ? null : Address("userinfo_endpoint"), Address("jwks_uri"),
            methods.Contains("client_secret_post") && !methods.Contains("client_secret_basic"));
        _document = new(document, clock.GetUtcNow());
        return document;
    }

    /// <summary>The keys that may have signed a token: those of its id, or all where it names none.</summary>
    public async Task<IReadOnlyList<JwsKey>> Keys(string? id, CancellationToken ct)
    {
        var address = (await Document(ct)).Keys;
        await _one.WaitAsync(ct);
        try
        {
            var now = clock.GetUtcNow();
            if (_keys is not { } known || now - known.At > Fresh || (Matching(known.Value, id).Count == 0 && now - known.At > Pause))
                _keys = known = new(Read(await Get(address, null, ct)), now);
            return Matching(known.Value, id);
        }
        finally
        {
            _one.Release();
        }
    }

    public async Task<JsonElement> Get(string address, string? accessToken, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (accessToken is not null)
            request.Headers.Authorization = new("Bearer", accessToken);
        return await Send(request, ct);
    }

    /// <summary>The JSON of the answer; throws <see cref="OidcException"/> where there is none, or it is an error.</summary>
    public async Task<JsonElement> Send(HttpRequestMessage request, CancellationToken ct)
    {
        request.Headers.Accept.ParseAdd("application/json");
        try
        {
            using var answer = await http.SendAsync(request, ct);
            var body = await answer.Content.ReadAsByteArrayAsync(ct);
            if (!answer.IsSuccessStatusCode)
                throw new OidcException("provider-away", $"{request.RequestUri} answered {(int)answer.StatusCode}.");
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.Clone() : throw new JsonException("It is no object.");
        }
        catch (Exception away) when (away is HttpRequestException or JsonException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            throw new OidcException("provider-away", $"{request.RequestUri} cannot be asked: {away.Message}", away);
        }
    }

    public void Dispose() => _one.Dispose();

    private sealed record Dated<T>(T Value, DateTimeOffset At);

    private static List<JwsKey> Matching(IReadOnlyList<(string? Id, JwsKey Key)> keys, string? id) => [.. keys.Where(k => id is null || k.Id == id).Select(k => k.Key)];

    private static List<(string?, JwsKey)> Read(JsonElement set) =>
        set.TryGetProperty("keys", out var keys) && keys.ValueKind == JsonValueKind.Array
            ? [.. keys.EnumerateArray().Select(jwk => (jwk.ValueKind == JsonValueKind.Object ? jwk.Text("kid") : null, Key: JwsKey.OfJwk(jwk))).Where(k => k.Key is not null).Select(k => (k.Item1, k.Key!))] : [];
}
