using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;

namespace Causality.Integration.Tests.Accounts;

/// <summary>A browser with cookies of its own, which repeats the antiforgery cookie in the header as the page does. Follows no redirects.</summary>
internal sealed class Browser : IDisposable
{
    private readonly HttpClientHandler _handler;

    public Browser(Uri address, CookieContainer? cookies = null)
    {
        _handler = new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = cookies ?? new CookieContainer() };
        Http = new HttpClient(_handler) { BaseAddress = address };
    }

    public HttpClient Http { get; }

    public CookieContainer Cookies => _handler.CookieContainer;

    /// <summary>A browser of the same person at another host of the installation.</summary>
    public Browser At(HostInside host) => new(host.Client.Http.BaseAddress!, Cookies);

    public string? Cookie(string name) => Cookies.GetCookies(new Uri(Http.BaseAddress!, "/api/v1/auth/")).FirstOrDefault(c => c.Name == name)?.Value;

    public void Set(string name, string value, string path = "/") => Cookies.Add(Http.BaseAddress!, new Cookie(name, value, path));

    public void Forget(string name)
    {
        foreach (var cookie in Cookies.GetAllCookies().Where(c => c.Name == name))
            cookie.Expired = true;
    }

    public async Task<Answer> Send(HttpMethod method, string path, object? body = null, bool antiforgery = true, Action<HttpRequestMessage>? also = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (antiforgery && Cookie("causality_csrf") is { } token)
            request.Headers.Add("X-CSRF-Token", token);
        also?.Invoke(request);
        using var answer = await Http.SendAsync(request);
        return await Answer.Of(answer);
    }

    public Task<Answer> Get(string path) => Send(HttpMethod.Get, path);

    public Task<Answer> Post(string path, object? body = null) => Send(HttpMethod.Post, path, body);

    public Task<Answer> Login(string email = World.Email, string password = World.Password) => Post("/api/v1/auth/login", new { email, password });

    public void Dispose()
    {
        Http.Dispose();
        _handler.Dispose();
    }
}

/// <summary>An answer that has been read.</summary>
internal sealed record Answer(HttpStatusCode Status, string Body, IReadOnlyList<string> SetCookies, Uri? Location, TimeSpan? RetryAfter, string? ContentSecurityPolicy)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>The status and, of a refusal, its code: <c>401 sign-in-refused</c>.</summary>
    public string Verdict => Body.Length > 0 && Body[0] == '{' && Json.TryGetProperty("code", out var code) ? $"{(int)Status} {code.GetString()}" : $"{(int)Status}";

    public string Text(string name) => Json.GetProperty(name).GetString()!;

    /// <summary>The fields that a validation problem names.</summary>
    public IEnumerable<string> Fields => Json.GetProperty("errors").EnumerateObject().Select(e => e.Name);

    public static async Task<Answer> Of(HttpResponseMessage answer) => new(answer.StatusCode, await answer.Content.ReadAsStringAsync(),
        answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? [.. cookies] : [], answer.Headers.Location, answer.Headers.RetryAfter?.Delta,
        answer.Headers.TryGetValues("Content-Security-Policy", out var policy) ? policy.Single() : null);
}

/// <summary>A fixture with one host and a clock that can be put forward.</summary>
internal abstract class OnOneHost : OnRealServers
{
    protected HostInside Host { get; private set; } = null!;

    protected ShiftedClock Clock { get; } = new();

    [OneTimeSetUp]
    public async Task StartHost() => Host = await StartAnother();

    /// <summary>Another host of the same installation, with the same clock.</summary>
    protected Task<HostInside> StartAnother(Action<IServiceCollection>? also = null) => World.Start("gateway", services =>
    {
        services.AddSingleton<TimeProvider>(Clock);
        Configure(services);
        also?.Invoke(services);
    });

    protected virtual void Configure(IServiceCollection services)
    {
    }

    protected Browser Browser() => new(Host.Client.Http.BaseAddress!);

    /// <summary>A new person with an account, signed in.</summary>
    protected async Task<(Browser Browser, string Email)> Newcomer(string password = World.Password)
    {
        var (browser, email) = (Browser(), $"{Guid.CreateVersion7():N}@example.com");
        var answer = await browser.Post("/api/v1/auth/register", new { email, password });
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Body);
        return (browser, email);
    }

    /// <summary>What the audit has of a person: <c>signed-in</c>, with what it says more, the oldest first.</summary>
    protected async Task<IReadOnlyList<string>> Trail(string email)
    {
        await using var select = World.Database.CreateCommand("select action || coalesce(' ' || (changes -> 0 ->> 'new'), '') from audit_log where subject = 'account/' || $1 order by at, id");
        select.Parameters.AddWithValue(email);
        await using var rows = await select.ExecuteReaderAsync();
        var trail = new List<string>();
        while (await rows.ReadAsync())
            trail.Add(rows.GetString(0));
        return trail;
    }
}
