using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using NUnit.Framework;

namespace Causality.Integration.Tests;

/// <summary>Sign-in over HTTP, by cookie and by token.</summary>
[TestFixture]
internal sealed class SignInTests : OnRealServers
{
    private HostInside _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await World.Start();

    [Test]
    public async Task A_right_password_gives_a_token_and_a_cookie_that_scripts_cannot_read()
    {
        using var answer = await Login(World.Email.ToUpperInvariant(), World.Password);
        var token = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(token.GetProperty("expires_in").GetInt32(), Is.EqualTo(900));
        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        Assert.That(cookie, Does.StartWith("causality=").And.Contain("httponly").And.Contain("samesite=strict").And.Contain("path=/"));

        Assert.That(await Me(r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("access_token").GetString())), Does.Contain($"\"email\":\"{World.Email}\""));
        Assert.That(await Me(r => r.Headers.Add("Cookie", cookie.Split(';')[0])), Does.Contain($"\"email\":\"{World.Email}\""));
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

    private Task<HttpResponseMessage> Login(string email, string password) => _host.Client.Http.PostAsJsonAsync("/api/v1/auth/login", new { email, password });

    private async Task<string> Me(Action<HttpRequestMessage> also)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/auth/me");
        also(request);
        using var answer = await _host.Client.Http.SendAsync(request);
        return answer.StatusCode == HttpStatusCode.OK ? await answer.Content.ReadAsStringAsync() : answer.StatusCode.ToString();
    }
}
