using System.Net;
using System.Net.Http.Headers;
using Causality.Web.Accounts;
using Causality.Web.Accounts.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Accounts;

/// <summary>How a session goes on, and how it ends: everywhere.</summary>
[TestFixture]
internal sealed class SessionTests : OnOneHost
{
    [Test]
    public async Task A_refresh_gives_a_new_pair_of_tokens_and_the_session_goes_on()
    {
        using var browser = Browser();
        var first = await Open(browser);
        var second = await Refresh(browser, first.Text("refresh_token"));
        Assert.That((second.Status, second.Json.GetProperty("expires_in").GetInt32()), Is.EqualTo((HttpStatusCode.OK, 900)));
        Assert.That(second.Text("refresh_token"), Is.Not.EqualTo(first.Text("refresh_token")));
        Assert.That((await Me(browser, second.Text("access_token"))).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await Refresh(browser, second.Text("refresh_token"))).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Twenty_refreshes_at_once_are_one_rotation_and_nobody_is_signed_out()
    {
        using var browser = Browser();
        var token = (await Open(browser)).Text("refresh_token");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Refresh(browser, token)));
        Assert.That(answers.Select(a => a.Status), Is.All.EqualTo(HttpStatusCode.OK));
        var rotated = answers.Where(a => a.Json.TryGetProperty("refresh_token", out _)).ToList();
        Assert.That(rotated, Has.Count.EqualTo(1));
        foreach (var answer in answers)
            Assert.That((await Me(browser, answer.Text("access_token"))).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await Refresh(browser, rotated[0].Text("refresh_token"))).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_superseded_token_that_comes_back_ends_the_session_on_every_host()
    {
        var (owner, email) = await Newcomer();
        using var _ = owner;
        using var thief = Browser();
        var first = await Open(thief, email);
        await using var other = await StartAnother();
        using var elsewhere = thief.At(other);
        var second = await Refresh(thief, first.Text("refresh_token"));
        Assert.That((await Me(elsewhere, second.Text("access_token"))).Status, Is.EqualTo(HttpStatusCode.OK));

        Clock.Pass(SessionTable.Grace + TimeSpan.FromSeconds(1));
        Assert.That((await Refresh(elsewhere, first.Text("refresh_token"))).Verdict, Is.EqualTo("401 session-ended"));
        Assert.That((await Refresh(thief, second.Text("refresh_token"))).Verdict, Is.EqualTo("401 session-ended"), "its successor is of the same family");
        foreach (var browser in new[] { thief, elsewhere })
            await Eventually(async () => (await Me(browser, second.Text("access_token"))).Verdict, Is.EqualTo("401 session-ended"), TimeSpan.FromSeconds(2.5));
        Assert.That((await Trail(email)).Count(a => a.StartsWith("refresh-reused", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That((await owner.Get("/api/v1/auth/me")).Status, Is.EqualTo(HttpStatusCode.OK), "another session of the person goes on");
    }

    [Test]
    public async Task A_superseded_token_within_the_grace_gets_an_access_token_only()
    {
        using var browser = Browser();
        var first = await Open(browser);
        var second = await Refresh(browser, first.Text("refresh_token"));
        Clock.Pass(SessionTable.Grace - TimeSpan.FromSeconds(2));
        var again = await Refresh(browser, first.Text("refresh_token"));
        Assert.That((again.Status, again.Json.TryGetProperty("refresh_token", out _)), Is.EqualTo((HttpStatusCode.OK, false)));
        Assert.That((await Refresh(browser, second.Text("refresh_token"))).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_browser_refreshes_by_its_cookie_and_keeps_its_antiforgery_token()
    {
        using var browser = Browser();
        await browser.Login();
        var (refresh, antiforgery) = (browser.Cookie("causality_refresh"), browser.Cookie("causality_csrf"));
        browser.Forget("causality_access");
        Assert.That((await browser.Get("/api/v1/auth/me")).Verdict, Is.EqualTo("401 signed-out"));
        var answer = await browser.Post("/api/v1/auth/refresh");
        Assert.That((answer.Status, answer.Json.TryGetProperty("refresh_token", out _)), Is.EqualTo((HttpStatusCode.OK, false)), answer.Body);
        Assert.That((browser.Cookie("causality_refresh") == refresh, browser.Cookie("causality_csrf") == antiforgery), Is.EqualTo((false, true)));
        Assert.That((await browser.Send(HttpMethod.Patch, "/api/v1/auth/me", new { name = "" })).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_refresh_by_cookie_with_the_antiforgery_token_of_another_session_is_refused_and_changes_nothing()
    {
        using var browser = Browser();
        using var other = Browser();
        await browser.Login();
        await other.Login();
        var own = browser.Cookie("causality_csrf")!;
        browser.Set("causality_csrf", other.Cookie("causality_csrf")!);
        Assert.That((await browser.Post("/api/v1/auth/refresh")).Verdict, Is.EqualTo("403 csrf-token-invalid"));
        browser.Set("causality_csrf", own);
        Assert.That((await browser.Post("/api/v1/auth/refresh")).SetCookies, Has.Count.EqualTo(3), "the token is still the newest");
    }

    [TestCase("")]
    [TestCase("nonsense")]
    [TestCase("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_token_that_was_never_issued_is_refused(string token)
    {
        using var browser = Browser();
        Assert.That((await Refresh(browser, token)).Verdict, Is.EqualTo("401 session-ended"));
    }

    [Test]
    public async Task Without_any_token_there_is_nothing_to_go_on_with()
    {
        using var browser = Browser();
        Assert.That((await browser.Post("/api/v1/auth/refresh")).Verdict, Is.EqualTo("401 session-ended"));
    }

    [Test]
    public async Task Signing_out_ends_the_session_on_every_host_within_two_seconds()
    {
        using var browser = Browser();
        await browser.Login();
        await using var other = await StartAnother();
        using var elsewhere = browser.At(other);
        Assert.That((await elsewhere.Get("/api/v1/auth/me")).Status, Is.EqualTo(HttpStatusCode.OK));
        var (access, refresh) = (browser.Cookie("causality_access")!, browser.Cookie("causality_refresh")!);

        var answer = await browser.Post("/api/v1/auth/logout");
        Assert.That((answer.Status, answer.SetCookies.Count(c => c.Contains("expires=Thu, 01 Jan 1970", StringComparison.Ordinal))), Is.EqualTo((HttpStatusCode.NoContent, 3)));
        Assert.That(browser.Cookie("causality_access"), Is.Null);
        await Eventually(async () => (await Me(elsewhere, access)).Verdict, Is.EqualTo("401 session-ended"), TimeSpan.FromSeconds(2.5));
        Assert.That((await Refresh(elsewhere, refresh)).Verdict, Is.EqualTo("401 session-ended"));
        Assert.That((await Trail(World.Email))[^1], Is.EqualTo("signed-out"));
        Assert.That((await browser.Post("/api/v1/auth/logout")).Status, Is.EqualTo(HttpStatusCode.NoContent), "twice is not an error");
    }

    [Test]
    public async Task Signing_out_works_when_the_access_token_has_run_out()
    {
        using var browser = Browser();
        await browser.Login();
        var refresh = browser.Cookie("causality_refresh")!;
        browser.Forget("causality_access");
        Assert.That((await browser.Post("/api/v1/auth/logout")).Status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((await Refresh(browser, refresh)).Verdict, Is.EqualTo("401 session-ended"));
    }

    [Test]
    public async Task One_sees_where_one_is_signed_in_and_can_end_that_but_not_others_sessions()
    {
        var (browser, email) = await Newcomer();
        using var phone = Browser();
        using var _ = browser;
        phone.Http.DefaultRequestHeaders.UserAgent.ParseAdd("Phone/1.0");
        await phone.Login(email);
        var sessions = (await browser.Get("/api/v1/auth/sessions")).Json.EnumerateArray().ToList();
        Assert.That(sessions.Select(s => s.GetProperty("current").GetBoolean()), Is.EquivalentTo(new[] { true, false }));
        var other = sessions.Single(s => !s.GetProperty("current").GetBoolean());
        Assert.That((other.GetProperty("user_agent").GetString(), other.GetProperty("address").GetString()), Is.EqualTo(("Phone/1.0", "127.0.0.1")));

        using var stranger = Browser();
        await stranger.Login();
        var path = $"/api/v1/auth/sessions/{other.GetProperty("id").GetGuid()}";
        Assert.That((await stranger.Send(HttpMethod.Delete, path)).Verdict, Is.EqualTo("404 session-missing"));
        Assert.That((await phone.Get("/api/v1/auth/me")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await browser.Send(HttpMethod.Delete, path)).Verdict, Is.EqualTo("204"));
        Assert.That((await browser.Send(HttpMethod.Delete, path)).Verdict, Is.EqualTo("404 session-missing"));
        await Eventually(async () => (await phone.Get("/api/v1/auth/me")).Verdict, Is.EqualTo("401 session-ended"), TimeSpan.FromSeconds(2.5));
        Assert.That((await browser.Get("/api/v1/auth/sessions")).Json.GetArrayLength(), Is.EqualTo(1));
        Assert.That((await Trail(email))[^1], Does.StartWith("session-ended "));
    }

    private static Task<Answer> Open(Browser browser, string email = World.Email) => browser.Post("/api/v1/auth/login", new { email, password = World.Password, session = "token" });

    private static Task<Answer> Refresh(Browser browser, string token) => browser.Post("/api/v1/auth/refresh", new { refresh_token = token });

    private static Task<Answer> Me(Browser browser, string token) =>
        browser.Send(HttpMethod.Get, "/api/v1/auth/me", also: r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token));
}

/// <summary>What time does to sessions. Apart, since it moves the clock by weeks.</summary>
[TestFixture]
internal sealed class SessionAgeTests : OnOneHost
{
    [Test]
    public async Task A_session_lasts_seven_days_from_its_last_refresh_and_is_deleted_long_after()
    {
        using var browser = Browser();
        var opened = await browser.Post("/api/v1/auth/login", new { email = World.Email, password = World.Password, session = "token" });
        Clock.Pass(SessionTable.Life - TimeSpan.FromHours(1));
        var refreshed = await Refresh(opened);
        Assert.That(refreshed.Status, Is.EqualTo(HttpStatusCode.OK));
        Clock.Pass(SessionTable.Life - TimeSpan.FromHours(1));
        refreshed = await Refresh(refreshed);
        Assert.That(refreshed.Status, Is.EqualTo(HttpStatusCode.OK));
        Clock.Pass(SessionTable.Life + TimeSpan.FromSeconds(1));
        Assert.That((await Refresh(refreshed)).Verdict, Is.EqualTo("401 session-ended"));

        var cleanUp = Host.Services.GetServices<IHostedService>().OfType<CleanUp>().Single();
        await cleanUp.Run(CancellationToken.None);
        Assert.That(await World.Count("select count(*) from sessions"), Is.EqualTo(1), "an ended one is known for a month");
        Clock.Pass(TimeSpan.FromDays(31));
        var trail = await World.Count("select count(*) from audit_log");
        await cleanUp.Run(CancellationToken.None);
        Assert.That((await World.Count("select count(*) from sessions"), await World.Count("select count(*) from refresh_tokens")), Is.EqualTo((0L, 0L)));
        Assert.That(await World.Count("select count(*) from audit_log"), Is.EqualTo(trail).And.GreaterThan(0));

        Task<Answer> Refresh(Answer answer) => browser.Post("/api/v1/auth/refresh", new { refresh_token = answer.Text("refresh_token") });
    }

    [Test]
    public async Task An_access_token_ends_after_fifteen_minutes()
    {
        using var browser = Browser();
        await browser.Login();
        Clock.Pass(TimeSpan.FromMinutes(14));
        Assert.That((await browser.Get("/api/v1/auth/me")).Status, Is.EqualTo(HttpStatusCode.OK));
        Clock.Pass(TimeSpan.FromMinutes(1));
        Assert.That((await browser.Get("/api/v1/auth/me")).Verdict, Is.EqualTo("401 signed-out"));
        Assert.That((await browser.Post("/api/v1/auth/refresh")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await browser.Get("/api/v1/auth/me")).Status, Is.EqualTo(HttpStatusCode.OK));
    }
}
