using System.Net;
using System.Net.Http.Headers;
using Causality.Web.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;

namespace Causality.Integration.Tests.Accounts;

/// <summary>Signing in by e-mail and password, and what each request must bring then.</summary>
[TestFixture]
internal sealed class SignInTests : OnOneHost
{
    private readonly CountingHasher _hasher = new();

    protected override void Configure(IServiceCollection services) => services.AddSingleton<IPasswordHasher<User>>(_hasher);

    [Test]
    public async Task A_browser_gets_cookies_that_scripts_cannot_read_but_for_one()
    {
        using var browser = Browser();
        var answer = await browser.Login(World.Email.ToUpperInvariant());
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Body);
        Assert.That((answer.Status, answer.Json.GetProperty("expires_in").GetInt32(), answer.Json.TryGetProperty("refresh_token", out _)), Is.EqualTo((HttpStatusCode.OK, 900, false)));
        Assert.That(answer.SetCookies.Select(c => string.Join("; ", c.Split("; ").Skip(1))), Is.EqualTo(new[]
        {
            "max-age=900; path=/; samesite=strict; httponly",
            "max-age=604800; path=/api/v1/auth; samesite=strict; httponly",
            "max-age=604800; path=/; samesite=strict",
        }));
        Assert.That(answer.SetCookies.Select(c => c.Split('=')[0]), Is.EqualTo(new[] { "causality_access", "causality_refresh", "causality_csrf" }));
        var me = (await browser.Get("/api/v1/auth/me")).Json;
        Assert.That((me.GetProperty("email").GetString(), me.GetProperty("administrator").GetBoolean(), me.GetProperty("has_password").GetBoolean()), Is.EqualTo((World.Email, true, true)));
    }

    [Test]
    public async Task Where_the_host_is_not_this_machine_cookies_need_TLS_and_the_access_token_is_bound_to_the_host()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/login") { Headers = { Host = "causality.example.com" }, Content = System.Net.Http.Json.JsonContent.Create(new { email = World.Email, password = World.Password }) };
        using var browser = Browser();
        var answer = await Answer.Of(await browser.Http.SendAsync(request));
        Assert.That(answer.SetCookies, Has.All.Contain("; secure;"));
        Assert.That(answer.SetCookies[0], Does.StartWith("__Host-causality_access=").And.Contain("path=/;").And.Not.Contain("domain"));
    }

    [Test]
    public async Task A_program_gets_tokens_and_no_cookies()
    {
        using var browser = Browser();
        var answer = await browser.Post("/api/v1/auth/login", new { email = World.Email, password = World.Password, session = "token" });
        Assert.That((answer.Status, answer.SetCookies.Count, answer.Text("refresh_token").Length), Is.EqualTo((HttpStatusCode.OK, 0, 43)));
        Assert.That((await Bearer(answer.Text("access_token"))).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await Bearer("nonsense")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        // a bearer that is wrong is not made good by a cookie
        await browser.Login();
        var both = await browser.Send(HttpMethod.Get, "/api/v1/auth/me", also: r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "nonsense"));
        Assert.That(both.Status, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task An_unknown_email_and_a_wrong_password_are_refused_alike_and_cost_the_same_work()
    {
        using var browser = Browser();
        await browser.Login("nobody@example.com", "x");   // makes what is verified for nobody
        _hasher.Count = 0;
        var unknown = await browser.Login("nobody@example.com", World.Password);
        var afterUnknown = _hasher.Count;
        var wrong = await browser.Login(World.Email, "wrong");
        Assert.That((wrong.Verdict, unknown.Verdict), Is.EqualTo(("401 sign-in-refused", "401 sign-in-refused")));
        Assert.That(wrong.Text("detail"), Is.EqualTo(unknown.Text("detail")));
        Assert.That((afterUnknown, _hasher.Count), Is.EqualTo((1, 2)), "hashes verified");
        Assert.That((unknown.SetCookies.Count, wrong.SetCookies.Count), Is.EqualTo((0, 0)));
        Assert.That(await Trail("nobody@example.com"), Does.Contain("sign-in-refused no such account"));
        Assert.That(await Trail(World.Email), Does.Contain("sign-in-refused wrong password"));
    }

    [Test]
    public async Task A_body_that_lacks_its_fields_is_told_both_at_once()
    {
        using var browser = Browser();
        var answer = await browser.Login("", "");
        Assert.That((answer.Status, answer.Fields), Is.EqualTo((HttpStatusCode.BadRequest, new[] { "email", "password" })));
        Assert.That((await browser.Post("/api/v1/auth/login", new { email = World.Email, password = World.Password, session = "both" })).Verdict, Is.EqualTo("400 bad-request"));
    }

    [Test]
    public async Task A_change_by_cookie_needs_the_token_of_this_session_in_its_header()
    {
        using var browser = Browser();
        using var other = Browser();
        await browser.Login();
        await other.Login();
        var token = browser.Cookie("causality_csrf")!;

        Assert.That((await Rename(browser, null)).Verdict, Is.EqualTo("403 csrf-token-missing"));
        Assert.That((await Rename(browser, "nonsense")).Verdict, Is.EqualTo("403 csrf-token-invalid"));
        Assert.That((await Rename(browser, other.Cookie("causality_csrf"))).Verdict, Is.EqualTo("403 csrf-token-invalid"), "not what the cookie says");
        Assert.That((await Rename(browser, token)).Verdict, Is.EqualTo("200"));

        // a neighbor that can set cookies sets its own pair
        browser.Set("causality_csrf", other.Cookie("causality_csrf")!);
        Assert.That((await Rename(browser, other.Cookie("causality_csrf"))).Verdict, Is.EqualTo("403 csrf-token-invalid"), "of another session");
        browser.Set("causality_csrf", "made-up");
        Assert.That((await Rename(browser, "made-up")).Verdict, Is.EqualTo("403 csrf-token-invalid"), "not issued here");
        Assert.That((await browser.Send(HttpMethod.Post, "/api/v1/auth/refresh", antiforgery: false)).Verdict, Is.EqualTo("403 csrf-token-missing"));
        Assert.That((await browser.Send(HttpMethod.Post, "/api/v1/auth/logout", antiforgery: false)).Verdict, Is.EqualTo("403 csrf-token-missing"));
        Assert.That((await browser.Get("/api/v1/auth/me")).Verdict, Is.EqualTo("200"), "it goes on");
    }

    [Test]
    public async Task A_change_by_bearer_needs_no_such_token()
    {
        using var browser = Browser();
        var token = (await browser.Post("/api/v1/auth/login", new { email = World.Email, password = World.Password, session = "token" })).Text("access_token");
        var answer = await browser.Send(HttpMethod.Patch, "/api/v1/auth/me", new { name = "Ada" }, also: r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token));
        Assert.That((answer.Status, answer.Text("name")), Is.EqualTo((HttpStatusCode.OK, "Ada")));
    }

    [Test]
    public async Task The_options_tell_a_page_what_it_needs_before_anybody_signs_in()
    {
        using var browser = Browser();
        Assert.That((await browser.Get("/api/v1/auth/options")).Body, Is.EqualTo("""{"registration":"open","oidc":null,"mail":false,"min_password_length":12}"""));
    }

    [Test]
    public async Task Too_many_tries_from_one_address_are_answered_with_429()
    {
        await using var host = await StartAnother(services => services.Configure<AccountsOptions>(o => o.TriesPerMinute = 2));
        using var browser = new Browser(host.Client.Http.BaseAddress!);
        var statuses = new List<int>();
        for (var i = 0; i < 3; i++)
            statuses.Add((int)(await browser.Login()).Status);
        Assert.That(statuses, Is.EqualTo(new[] { 200, 200, 429 }));
    }

    private static Task<Answer> Rename(Browser browser, string? token) => browser.Send(HttpMethod.Patch, "/api/v1/auth/me", new { name = "Ada" }, antiforgery: false, request =>
    {
        if (token is not null)
            request.Headers.Add("X-CSRF-Token", token);
    });

    private async Task<Answer> Bearer(string token)
    {
        using var browser = Browser();
        return await browser.Send(HttpMethod.Get, "/api/v1/auth/me", also: r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token));
    }

    /// <summary>The framework's own, at its least strength, which counts.</summary>
    private sealed class CountingHasher : PasswordHasher<User>
    {
        public int Count { get; set; }

        public override PasswordVerificationResult VerifyHashedPassword(User user, string hashedPassword, string providedPassword)
        {
            Count++;
            return base.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
