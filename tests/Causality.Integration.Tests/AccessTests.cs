using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Causality.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;

namespace Causality.Integration.Tests;

/// <summary>Who may ask what, over HTTP: sign-in, roles, and that nothing is open that is not meant to be.</summary>
[TestFixture]
internal sealed partial class AccessTests : OnRealServers
{
    /// <summary>All that answers without sign-in. What is added here is read by nobody but by intent.</summary>
    private static readonly string[] Open =
    [
        "GET /health", "GET /ready", "GET /metrics", "GET /openapi.json", "GET /", "GET /app/{**path}", "POST /api/v1/auth/login", "POST /api/v1/auth/logout",
        // by API key
        "POST /v1/events/ingest", "POST /v1/events/batch", "POST /api/v1/events/ingest", "POST /api/v1/events/batch", "POST /api/v1/track", "POST /api/v1/track/batch",
        "OPTIONS /v1/events/ingest", "OPTIONS /v1/events/batch", "OPTIONS /api/v1/events/ingest", "OPTIONS /api/v1/events/batch", "OPTIONS /api/v1/track", "OPTIONS /api/v1/track/batch",
    ];

    private HostInside _host = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start();
        foreach (var role in new[] { "Viewer", "Editor" })
        {
            await using var insert = World.Database.CreateCommand("insert into users (id, email, password_hash, role) select gen_random_uuid(), $1, password_hash, $2 from users where email = $3");
            insert.Parameters.AddWithValue(role == "Viewer" ? "viewer@example.com" : "editor@example.com");
            insert.Parameters.AddWithValue(role);
            insert.Parameters.AddWithValue(World.Email);
            await insert.ExecuteNonQueryAsync();
        }
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Every_endpoint_is_open_by_intent_or_answers_401_without_sign_in()
    {
        var asked = 0;
        foreach (var endpoint in _host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                var route = $"{method} {Whole(endpoint.RoutePattern.RawText!)}";
                if (Open.Contains(route))
                    continue;
                Assert.That(endpoint.Metadata.GetMetadata<IAllowAnonymous>(), Is.Null, route);
                Assert.That(endpoint.Metadata.GetMetadata<Requirement>(), Is.Not.Null, $"{route} does not say who may call it");
                var path = Parameter().Replace(Whole(endpoint.RoutePattern.RawText!), Guid.CreateVersion7().ToString());
                using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
                using var answer = await _host.Client.Http.SendAsync(request);
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), route);
                asked++;
            }
        Assert.That(asked, Is.GreaterThanOrEqualTo(7));
        static string Whole(string route) => "/" + route.Trim('/');
    }

    [Test]
    public async Task A_right_password_gives_a_token_and_a_cookie_that_scripts_cannot_read()
    {
        using var answer = await Login(World.Email.ToUpperInvariant(), World.Password);
        var token = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(token.GetProperty("expires_in").GetInt32(), Is.EqualTo(900));
        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        Assert.That(cookie, Does.StartWith("causality=").And.Contain("httponly").And.Contain("samesite=strict").And.Contain("path=/"));

        Assert.That(await Me(r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("access_token").GetString())), Is.EqualTo($$"""{"email":"{{World.Email}}","role":"admin"}"""));
        Assert.That(await Me(r => r.Headers.Add("Cookie", cookie.Split(';')[0])), Is.EqualTo($$"""{"email":"{{World.Email}}","role":"admin"}"""));
        Assert.That(await Me(r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "nonsense")), Is.EqualTo("Unauthorized"));
        Assert.That(await Me(r => r.Headers.Add("Cookie", "causality=nonsense")), Is.EqualTo("Unauthorized"));
    }

    [Test]
    public async Task A_cookie_is_good_on_every_host_of_the_installation()
    {
        using var answer = await Login(World.Email, World.Password);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        await using var query = await World.Start("query");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/analytics/event-types?app_id=shop") { Headers = { { "Cookie", cookie } } };
        using var asked = await query.Client.Http.SendAsync(request);
        Assert.That(asked.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase(World.Email, "wrong")]
    [TestCase("nobody@example.com", World.Password)]
    public async Task A_wrong_password_and_an_unknown_email_are_refused_alike(string email, string password)
    {
        using var answer = await Login(email, password);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(answer.Headers.Contains("Set-Cookie"), Is.False);
        Assert.That((problem.GetProperty("code").GetString(), problem.GetProperty("detail").GetString()), Is.EqualTo(("sign-in-refused", "The e-mail or the password is wrong.")));
    }

    [Test]
    public async Task A_login_that_lacks_its_fields_is_told_both_at_once()
    {
        using var answer = await Login("", "");
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(problem.GetProperty("errors").EnumerateObject().Select(e => e.Name), Is.EquivalentTo(new[] { "email", "password" }));
    }

    [Test]
    public async Task Signing_out_takes_the_cookie_back()
    {
        using var answer = await _host.Client.Http.PostAsync("/api/v1/auth/logout", null);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(answer.Headers.GetValues("Set-Cookie").Single(), Does.StartWith("causality=;").And.Contain("expires=Thu, 01 Jan 1970"));
    }

    [TestCase("viewer@example.com", HttpStatusCode.Forbidden)]
    [TestCase("editor@example.com", HttpStatusCode.Forbidden)]
    [TestCase(World.Email, HttpStatusCode.OK)]
    public async Task Keys_are_for_admins(string email, HttpStatusCode expected)
    {
        using var http = await SignedIn(email);
        using var list = await http.GetAsync("/api/admin/keys");
        using var create = await http.PostAsJsonAsync("/api/admin/keys", new { app_id = World.App, name = "made by " + email });
        using var revoke = await http.DeleteAsync($"/api/admin/keys/{Guid.CreateVersion7()}");
        using var apps = await http.GetAsync("/api/v1/apps");
        var admin = expected == HttpStatusCode.OK;
        Assert.That((list.StatusCode, create.StatusCode, revoke.StatusCode, apps.StatusCode),
            Is.EqualTo((expected, admin ? HttpStatusCode.Created : expected, admin ? HttpStatusCode.NotFound : expected, HttpStatusCode.OK)));
    }

    [Test]
    public async Task A_key_is_made_shown_once_used_listed_and_revoked()
    {
        using var http = await SignedIn(World.Email);
        using var created = await http.PostAsJsonAsync("/api/admin/keys", new { app_id = World.App, name = "phone" });
        var made = await created.Content.ReadFromJsonAsync<JsonElement>();
        var (id, key) = (made.GetProperty("id").GetGuid(), made.GetProperty("key").GetString()!);
        Assert.That(key, Does.StartWith("cak_"));
        using var sent = await _host.Client.Post(Sent.Some(1, DateTimeOffset.UtcNow), key);
        Assert.That(sent.StatusCode, Is.EqualTo(HttpStatusCode.OK));

        using var revoked = await http.DeleteAsync($"/api/admin/keys/{id}");
        Assert.That(await revoked.Content.ReadAsStringAsync(), Is.EqualTo($$"""{"status":"revoked","id":"{{id}}"}"""));
        var list = await http.GetStringAsync($"/api/admin/keys?app_id={World.App}");
        Assert.That(list, Does.Not.Contain(key));
        var keys = JsonDocument.Parse(list).RootElement;
        Assert.That(keys.GetProperty("count").GetInt32(), Is.EqualTo(keys.GetProperty("keys").GetArrayLength()));
        var listed = keys.GetProperty("keys").EnumerateArray().Single(k => k.GetProperty("id").GetGuid() == id);
        Assert.That((listed.GetProperty("name").GetString(), listed.GetProperty("revoked").GetBoolean(), listed.TryGetProperty("revoked_at", out _)), Is.EqualTo(("phone", true, true)));

        using var nowhere = await http.PostAsJsonAsync("/api/admin/keys", new { app_id = "no-such-app", name = "phone" });
        using var nameless = await http.PostAsJsonAsync("/api/admin/keys", new { app_id = "not a path", name = "" });
        Assert.That((nowhere.StatusCode, nameless.StatusCode), Is.EqualTo((HttpStatusCode.NotFound, HttpStatusCode.BadRequest)));
    }

    [Test]
    public async Task The_api_document_has_every_route_and_is_what_the_command_prints()
    {
        var served = await _host.Client.Http.GetStringAsync("/openapi.json");
        var paths = JsonDocument.Parse(served).RootElement.GetProperty("paths");
        Assert.That(paths.EnumerateObject().Select(p => p.Name), Is.SupersetOf(new[]
        {
            "/health", "/ready", "/api/v1/auth/login", "/api/v1/auth/logout", "/api/v1/auth/me", "/api/v1/apps", "/api/admin/keys", "/api/admin/keys/{id}",
            "/api/v1/analytics/trends", "/api/v1/analytics/event-types", "/api/v1/pipeline/ledger",
        }));

        var (standard, printed) = (Console.Out, new StringWriter());
        Console.SetOut(printed);
        try
        {
            Assert.That(await Host.Serve.PrintOpenApi(), Is.Zero);
        }
        finally
        {
            Console.SetOut(standard);
        }
        Assert.That(printed.ToString().TrimEnd(), Is.EqualTo(served.TrimEnd()));
    }

    private Task<HttpResponseMessage> Login(string email, string password) => _host.Client.Http.PostAsJsonAsync("/api/v1/auth/login", new { email, password });

    private async Task<HttpClient> SignedIn(string email)
    {
        using var answer = await Login(email, World.Password);
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString();
        return new HttpClient { BaseAddress = _host.Client.Http.BaseAddress, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }

    private async Task<string> Me(Action<HttpRequestMessage> also)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/auth/me");
        also(request);
        using var answer = await _host.Client.Http.SendAsync(request);
        return answer.StatusCode == HttpStatusCode.OK ? await answer.Content.ReadAsStringAsync() : answer.StatusCode.ToString();
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
