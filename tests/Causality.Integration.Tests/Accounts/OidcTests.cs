using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Causality.Web.Accounts;
using Causality.Web.Accounts.Oidc;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Accounts;

/// <summary>Signing in by a provider of OpenID Connect.</summary>
[TestFixture]
internal sealed partial class OidcTests : OnOneHost
{
    private readonly SmallProvider _provider = SmallProvider.Start().GetAwaiter().GetResult();   // the base starts its host first

    [OneTimeTearDown]
    public async Task StopProvider() => await _provider.DisposeAsync();

    protected override void Configure(IServiceCollection services)
    {
        services.Configure<PasswordHasherOptions>(o => o.IterationCount = 1_000);
        services.Configure<OidcOptions>(o => (o.Authority, o.ClientId, o.ClientSecret, o.Name) = (_provider.Issuer, SmallProvider.Client, SmallProvider.Secret, "Okta"));
    }

    [SetUp]
    public void SomebodyNew()
    {
        _provider.Behave();
        _provider.Person = new JsonObject { ["sub"] = Guid.CreateVersion7().ToString(), ["email"] = $"{Guid.CreateVersion7():N}@example.com", ["email_verified"] = true, ["name"] = "Grace Hopper" };
    }

    [TestCase("RS256")]
    [TestCase("ES256")]
    public async Task Who_is_new_gets_an_account_and_finds_it_again(string algorithm)
    {
        _provider.Algorithm = algorithm;
        using var browser = Browser();
        Assert.That((await browser.Get("/api/v1/auth/options")).Json.GetProperty("oidc").GetProperty("name").GetString(), Is.EqualTo("Okta"));
        Assert.That(await SignIn(browser, "/trends?app=shop"), Is.EqualTo("/app/trends?app=shop"));
        var me = (await browser.Get("/api/v1/auth/me")).Json;
        Assert.That((me.GetProperty("email").GetString(), me.GetProperty("name").GetString(), me.GetProperty("has_password").GetBoolean()), Is.EqualTo((Email, "Grace Hopper", false)));
        Assert.That(await World.Scalar($"select o.name from organizations o join members m on m.organization_id = o.id join users u on u.id = m.user_id where u.email = '{Email}'"), Is.EqualTo("Grace Hopper's team"));

        using var again = Browser();
        _provider.Person["email"] = "moved@example.com";   // the subject counts
        Assert.That(await SignIn(again), Is.EqualTo("/app/"));
        Assert.That((await again.Get("/api/v1/auth/me")).Text("id"), Is.EqualTo(me.GetProperty("id").GetString()));
        Assert.That((await again.Send(HttpMethod.Patch, "/api/v1/auth/me", new { name = "Grace" })).Status, Is.EqualTo(HttpStatusCode.OK), "with its antiforgery token");
        Assert.That(await Trail(me.GetProperty("email").GetString()!), Is.EqualTo(new[] { "registered provider", $"oidc-linked {_provider.Issuer}", $"signed-in {_provider.Issuer}", $"signed-in {_provider.Issuer}", "account-renamed Grace" }));
    }

    [Test]
    public async Task The_way_back_ends_on_a_page_of_our_own_that_loads_nothing_and_cookies_are_strict()
    {
        using var browser = Browser();
        var start = await browser.Get("/api/v1/auth/oidc/start?back=/trends");
        Assert.That(start.SetCookies.Single(), Does.StartWith("causality_oidc=").And.Contain("path=/api/v1/auth/oidc").And.Contain("samesite=lax").And.Contain("httponly").And.Contain("max-age=600"));
        var asked = QueryHelpers.ParseQuery(start.Location!.Query);
        Assert.That((asked["code_challenge_method"].ToString(), asked["redirect_uri"].ToString()), Is.EqualTo(("S256", new Uri(browser.Http.BaseAddress!, "/api/v1/auth/oidc/callback").ToString())));
        var answer = await browser.Get((await AtProvider(browser, start.Location)).ToString());
        Assert.That((answer.Status, answer.ContentSecurityPolicy), Is.EqualTo((HttpStatusCode.OK, "default-src 'none'; base-uri 'none'; frame-ancestors 'none'")));
        Assert.That(answer.Body, Does.Contain("content=\"0;url=/app/trends\"").And.Contain("<a href=\"/app/trends\">"));
        Assert.That(answer.SetCookies.Where(c => !c.StartsWith("causality_oidc", StringComparison.Ordinal)), Has.Exactly(3).Contain("samesite=strict"));
        Assert.That(answer.SetCookies.Single(c => c.StartsWith("causality_oidc", StringComparison.Ordinal)), Does.Contain("expires=Thu, 01 Jan 1970"));
    }

    [TestCase("https://evil.example")]
    [TestCase("//evil.example")]
    [TestCase("/\\evil.example")]
    [TestCase("evil")]
    [TestCase("")]
    public async Task The_way_back_never_leads_elsewhere(string back)
    {
        using var browser = Browser();
        Assert.That(await SignIn(browser, back), Is.EqualTo("/app/"));
    }

    [Test]
    public async Task What_comes_with_the_way_back_is_text_on_the_page()
    {
        using var browser = Browser();
        var start = await browser.Get("/api/v1/auth/oidc/start?back=" + Uri.EscapeDataString("/\"><script>alert(1)</script>"));
        var answer = await browser.Get((await AtProvider(browser, start.Location!)).ToString());
        Assert.That(answer.Body, Does.Not.Contain("<script>").And.Contain("&lt;script&gt;"));
    }

    [Test]
    public async Task Another_state_than_was_sent_is_refused()
    {
        using var browser = Browser();
        var callback = await Callback(browser);
        var wrong = callback.ToString().Replace("state=", "state=x", StringComparison.Ordinal);
        Assert.That(await Failed(browser, wrong), Is.EqualTo("sign-in-expired"));
        Assert.That(await Failed(browser, callback.ToString()), Is.EqualTo("sign-in-expired"), "and it was the only try");
    }

    [Test]
    public async Task A_way_back_that_another_browser_began_is_refused()
    {
        using var attacker = Browser();
        using var victim = Browser();
        var callback = (await Callback(attacker)).ToString();
        Assert.That(await Failed(victim, callback), Is.EqualTo("sign-in-expired"));
        await victim.Get("/api/v1/auth/oidc/start");
        Assert.That(await Failed(victim, callback), Is.EqualTo("sign-in-expired"));
    }

    [Test]
    public async Task What_the_provider_refuses_leads_back_to_the_sign_in_page()
    {
        using var browser = Browser();
        var start = await browser.Get("/api/v1/auth/oidc/start?back=/trends");
        var state = QueryHelpers.ParseQuery(start.Location!.Query)["state"];
        var answer = await browser.Get($"/api/v1/auth/oidc/callback?error=access_denied&state={state}");
        Assert.That((answer.Status, answer.Location?.ToString()), Is.EqualTo((HttpStatusCode.Found, "/app/sign-in?failed=provider-refused&back=%2Ftrends")));
    }

    [TestCaseSource(nameof(WrongTokens))]
    public async Task An_id_token_that_is_wrong_is_refused(Action<SmallProvider> wrong)
    {
        using var browser = Browser();
        wrong(_provider);
        Assert.That(await Failed(browser, (await Callback(browser)).ToString()), Is.EqualTo("provider-refused"));
        Assert.That((browser.Cookie("causality_access"), await World.Count($"select count(*) from users where email = '{Email}'")), Is.EqualTo(((string?)null, 0L)));
    }

    private static IEnumerable<TestCaseData> WrongTokens()
    {
        static TestCaseData Case(string name, Action<SmallProvider> wrong) => new TestCaseData(wrong).SetArgDisplayNames(name);
        static TestCaseData Claim(string name, Func<JsonNode?> value, string? what = null) => Case(what ?? $"another {name}", p => p.Wrong = c => c[name] = value());
        static long Now() => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        yield return Case("signed by a stranger", p => p.Forged = true);
        yield return Case("not signed", p => p.Algorithm = "none");
        yield return Case("signed with the client's secret", p => p.Algorithm = "HS256");
        yield return Case("RSA with another hash", p => p.Algorithm = "RS384");
        yield return Claim("nonce", () => "another");
        yield return Case("no nonce", p => p.Wrong = c => c.Remove("nonce"));
        yield return Claim("iss", () => "https://another.example");
        yield return Claim("aud", () => "another");
        yield return Claim("aud", () => new JsonArray("another", "more"), "other audiences");
        yield return Claim("aud", () => new JsonArray(SmallProvider.Client, "another"), "several audiences without authorized party");
        yield return Claim("azp", () => "another");
        yield return Claim("exp", () => Now() - 121, "expired");
        yield return Case("without end", p => p.Wrong = c => c.Remove("exp"));
        yield return Claim("iat", () => Now() + 180, "issued in the future");
        yield return Claim("nbf", () => Now() + 180, "not valid yet");
        yield return Case("without subject", p => p.Wrong = c => c.Remove("sub"));
    }

    [Test]
    public async Task Clocks_may_differ_by_two_minutes_and_several_audiences_are_good_with_our_name()
    {
        using var browser = Browser();
        _provider.Wrong = c =>
        {
            c["exp"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60;
            c["aud"] = new JsonArray(SmallProvider.Client, "another");
            c["azp"] = SmallProvider.Client;
        };
        Assert.That(await SignIn(browser), Is.EqualTo("/app/"));
    }

    [Test]
    public async Task An_account_with_the_same_verified_email_is_linked_and_loses_what_its_maker_could_still_use()
    {
        var (browser, email) = await Newcomer();
        using var _ = browser;
        using var owner = Browser();
        _provider.Person["email"] = email.ToUpperInvariant();
        Assert.That(await SignIn(owner), Is.EqualTo("/app/"));
        Assert.That((await owner.Get("/api/v1/auth/me")).Text("email"), Is.EqualTo(email));
        // nobody had shown that the address was theirs, so the password may be a stranger's
        await Eventually(async () => (await browser.Get("/api/v1/auth/me")).Verdict, Is.EqualTo("401 session-ended"), TimeSpan.FromSeconds(2.5));
        Assert.That((await browser.Login(email)).Verdict, Is.EqualTo("401 sign-in-refused"));
        Assert.That((await owner.Get("/api/v1/auth/me")).Json.GetProperty("has_password").GetBoolean(), Is.False);
    }

    [Test]
    public async Task An_account_that_another_identity_made_with_the_email_unverified_is_that_identitys_no_more()
    {
        var (email, stranger) = (Email, _provider.Person["sub"]!.GetValue<string>());
        using var earlier = Browser();
        _provider.Person["email_verified"] = false;
        Assert.That(await SignIn(earlier), Is.EqualTo("/app/"));

        using var owner = Browser();
        var own = Guid.CreateVersion7().ToString();
        (_provider.Person["sub"], _provider.Person["email_verified"]) = (own, true);
        Assert.That(await SignIn(owner), Is.EqualTo("/app/"));
        Assert.That((await owner.Get("/api/v1/auth/me")).Text("email"), Is.EqualTo(email));

        (_provider.Person["sub"], _provider.Person["email_verified"]) = (stranger, false);
        Assert.That(await Failed(earlier, (await Callback(earlier)).ToString()), Is.EqualTo("email-unverified"));
        Assert.That(await World.Scalar($"select string_agg(l.subject, ' ') from external_logins l join users u on u.id = l.user_id where u.email = '{email}'"), Is.EqualTo(own));
    }

    [Test]
    public async Task An_account_whose_email_was_verified_before_keeps_its_password()
    {
        using var browser = Browser();
        _provider.Person["email"] = World.Email;
        Assert.That(await SignIn(browser), Is.EqualTo("/app/"));
        Assert.That((await browser.Login()).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("false")]
    [TestCase("\"false\"")]
    [TestCase("null")]
    [TestCase("1")]
    public async Task An_account_is_not_linked_to_an_email_that_the_provider_has_not_verified(string verified)
    {
        var (browser, email) = await Newcomer();
        using var _ = browser;
        using var stranger = Browser();
        (_provider.Person["email"], _provider.Person["email_verified"]) = (email, JsonNode.Parse(verified));
        Assert.That(await Failed(stranger, (await Callback(stranger)).ToString()), Is.EqualTo("email-unverified"));
        Assert.That((await browser.Get("/api/v1/auth/me")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await World.Count($"select count(*) from external_logins l join users u on u.id = l.user_id where u.email = '{email}'"), Is.Zero);
    }

    [Test]
    public async Task An_email_that_is_only_in_the_user_info_is_taken_from_there_if_it_is_the_same_person()
    {
        using var browser = Browser();
        var (email, subject) = (Email, _provider.Person["sub"]!.GetValue<string>());
        _provider.Person = new JsonObject { ["sub"] = subject };
        _provider.UserInfo = new JsonObject { ["sub"] = "another", ["email"] = email, ["email_verified"] = true };
        Assert.That(await Failed(browser, (await Callback(browser)).ToString()), Is.EqualTo("email-missing"));
        _provider.UserInfo["sub"] = subject;
        Assert.That(await SignIn(browser), Is.EqualTo("/app/"));
        Assert.That((await browser.Get("/api/v1/auth/me")).Text("email"), Is.EqualTo(email));
    }

    [Test]
    public async Task Where_only_the_invited_may_a_provider_makes_no_accounts()
    {
        await using var host = await StartAnother(s => s.Configure<AccountsOptions>(o => o.Registration = RegistrationMode.Invited));
        using var browser = new Browser(host.Client.Http.BaseAddress!);
        Assert.That(await Failed(browser, (await Callback(browser)).ToString()), Is.EqualTo("registration-closed"));
        _provider.Person["email"] = World.Email;
        Assert.That(await SignIn(browser), Is.EqualTo("/app/"));
    }

    [Test]
    public async Task A_provider_that_is_away_leads_back_to_the_sign_in_page()
    {
        await using var host = await StartAnother();   // which has not read its document yet
        using var browser = new Browser(host.Client.Http.BaseAddress!);
        _provider.Away = true;
        Assert.That(await Failed(browser, "/api/v1/auth/oidc/start"), Is.EqualTo("provider-away"));
        _provider.Away = false;
        var callback = (await Callback(browser)).ToString();
        _provider.Away = true;
        Assert.That(await Failed(browser, callback), Is.EqualTo("provider-away"));
    }

    [Test]
    public async Task Without_a_provider_there_is_none()
    {
        await using var host = await StartAnother(s => s.Configure<OidcOptions>(o => o.Authority = ""));
        using var browser = new Browser(host.Client.Http.BaseAddress!);
        Assert.That((await browser.Get("/api/v1/auth/oidc/start")).Verdict, Is.EqualTo("404 oidc-off"));
    }

    [Test]
    public void Settings_that_cannot_work_are_named_at_the_start()
    {
        var failures = new OidcChecks().Validate(null, new OidcOptions { Authority = "http://okta.example.com", Scopes = "email" }).Failures;
        Assert.That(failures, Has.Some.Contains("CAUSALITY_OIDC__AUTHORITY").And.Some.Contains("CAUSALITY_OIDC__CLIENTID").And.Some.Contains("CAUSALITY_OIDC__SCOPES"));
    }

    private string Email => _provider.Person["email"]!.GetValue<string>();

    /// <summary>The whole way; where the last page leads to.</summary>
    private static async Task<string> SignIn(Browser browser, string back = "/")
    {
        var answer = await browser.Get((await Callback(browser, back)).ToString());
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Location?.ToString());
        return WebUtility.HtmlDecode(Refresh().Match(answer.Body).Groups["to"].Value);
    }

    /// <summary>To the provider and back as far as our own address, which is not asked yet.</summary>
    private static async Task<Uri> Callback(Browser browser, string back = "/")
    {
        var start = await browser.Get("/api/v1/auth/oidc/start?back=" + Uri.EscapeDataString(back));
        Assert.That(start.Status, Is.EqualTo(HttpStatusCode.Found), start.Body);
        return await AtProvider(browser, start.Location!);
    }

    private static async Task<Uri> AtProvider(Browser browser, Uri address)
    {
        var answer = await browser.Get(address.ToString());
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Found));
        return answer.Location!;
    }

    private static async Task<string> Failed(Browser browser, string path)
    {
        var answer = await browser.Get(path);
        Assert.That((answer.Status, answer.Location?.ToString()), Is.EqualTo((HttpStatusCode.Found, answer.Location?.ToString())), answer.Body);
        Assert.That(answer.Location!.ToString(), Does.StartWith("/app/sign-in?"));
        return QueryHelpers.ParseQuery(answer.Location!.ToString().Split('?')[1])["failed"].ToString();
    }

    [GeneratedRegex("content=\"0;url=(?<to>[^\"]*)\"")]
    private static partial Regex Refresh();
}
