using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using NUnit.Framework;

namespace Causality.Integration.Tests;

/// <summary>An event as an SDK sends it: a custom event that is recognized by its key.</summary>
internal sealed record Sent(string Key, DateTimeOffset At, string Type = "opened", string? UserId = null, string? Platform = null, string App = "")
{
    public object Json() => new Dictionary<string, object?>
    {
        ["appId"] = App,
        ["deviceId"] = "device",
        ["userId"] = UserId ?? "",
        ["timestampMs"] = At.ToUnixTimeMilliseconds(),
        ["idempotencyKey"] = Key,
        ["deviceContext"] = Platform is null ? null : new { platform = "PLATFORM_" + Platform },
        ["customEvent"] = new { eventName = Type, intParams = new { n = 1 } },
    };

    /// <summary>Events with keys of their own, all at one time.</summary>
    public static List<Sent> Some(int count, DateTimeOffset at) => [.. Enumerable.Range(0, count).Select(_ => new Sent(Guid.CreateVersion7().ToString("N"), at))];
}

/// <summary>HTTP to one host, with the key of <see cref="World.App"/>; without sign-in until <see cref="SignIn"/>.</summary>
internal sealed class EventClient : IDisposable
{
    private readonly HttpClientHandler _handler = new() { AllowAutoRedirect = false, UseCookies = false };

    public EventClient(Uri address) => Http = new HttpClient(_handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };

    public HttpClient Http { get; }

    public async Task<HttpResponseMessage> Post(IEnumerable<Sent> events, string key = World.Key) =>
        await Post("/v1/events/batch", JsonSerializer.Serialize(new { events = events.Select(e => e.Json()) }), key);

    public async Task<HttpResponseMessage> Post(string path, string json, string? key = World.Key) =>
        await Post(path, Encoding.UTF8.GetBytes(json), "application/json", key);

    public async Task<HttpResponseMessage> Post(string path, byte[] body, string? contentType, string? key = World.Key, Action<HttpRequestMessage>? also = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        if (contentType is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        if (key is not null)
            request.Headers.Add("X-API-Key", key);
        also?.Invoke(request);
        return await Http.SendAsync(request);
    }

    /// <summary>Sends a batch all of which must be accepted.</summary>
    public async Task Accept(params IReadOnlyCollection<Sent> events)
    {
        using var answer = await Post(events);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That((answer.StatusCode, body), Is.EqualTo((HttpStatusCode.OK, body)));
        Assert.That(JsonDocument.Parse(body).RootElement.GetProperty("acceptedCount").GetInt32(), Is.EqualTo(events.Count), body);
    }

    /// <summary>Signs in as the administrator; what follows carries the token.</summary>
    public async Task SignIn()
    {
        using var answer = await Http.PostAsJsonAsync("/api/v1/auth/login", new { email = World.Email, password = World.Password });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString();
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public async Task<JsonElement> Get(string path)
    {
        using var answer = await Http.GetAsync(path);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), path);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public async Task<HttpStatusCode> Status(string path)
    {
        using var answer = await Http.GetAsync(path);
        return answer.StatusCode;
    }

    /// <summary>Ready, and without a warning.</summary>
    public async Task<bool> LacksNothing()
    {
        using var answer = await Http.GetAsync("/ready");
        return answer.StatusCode == HttpStatusCode.OK && !(await answer.Content.ReadFromJsonAsync<JsonElement>()).TryGetProperty("warning", out _);
    }

    /// <summary>The books of <see cref="World.App"/>, or of another.</summary>
    public Task<Books> Books() => Books(World.App);

    public async Task<Books> Books(string app)
    {
        var books = await Get($"/api/v1/pipeline/ledger?app_id={app}");
        long Figure(string name) => books.GetProperty(name).GetInt64();
        return new Books(Figure("accepted"), Figure("stored"), Figure("duplicates"), Figure("dead"), Figure("in_flight"));
    }

    public void Dispose()
    {
        Http.Dispose();
        _handler.Dispose();
    }
}

internal sealed record Books(long Accepted, long Stored, long Duplicates, long Dead, long InFlight)
{
    public bool Balance => Accepted == Stored + Duplicates + Dead && InFlight == 0;
}
