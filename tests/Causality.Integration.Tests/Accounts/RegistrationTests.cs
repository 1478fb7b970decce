using System.Net;
using Causality.Web.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;

namespace Causality.Integration.Tests.Accounts;

/// <summary>Making an account: openly, by invitation, as the first.</summary>
[TestFixture]
internal sealed class RegistrationTests : OnOneHost
{
    protected override void Configure(IServiceCollection services) => services.Configure<PasswordHasherOptions>(o => o.IterationCount = 1_000);

    [Test]
    public async Task An_account_is_signed_in_at_once_and_has_an_organization()
    {
        var (browser, email) = await Newcomer();
        using var _ = browser;
        var me = (await browser.Get("/api/v1/auth/me")).Json;
        Assert.That((me.GetProperty("email").GetString(), me.GetProperty("administrator").GetBoolean()), Is.EqualTo((email, false)));
        Assert.That(await Organization(email), Is.EqualTo($"{email.Split('@')[0]}'s team admin"));
        Assert.That(await Trail(email), Is.EqualTo(new[] { "registered password" }));
    }

    [TestCase(null, "Grace", "Grace's team admin")]
    [TestCase("Navy", "Grace", "Navy admin")]
    public async Task The_organization_is_called_as_asked_or_after_the_person(string? organization, string name, string expected)
    {
        using var browser = Browser();
        var email = $"{Guid.CreateVersion7():N}@example.com";
        Assert.That((await browser.Post("/api/v1/auth/register", new { email, password = World.Password, name, organization })).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That(await Organization(email), Is.EqualTo(expected));
    }

    [Test]
    public async Task What_is_wrong_is_told_field_by_field()
    {
        using var browser = Browser();
        var answer = await browser.Post("/api/v1/auth/register", new { email = "nobody", password = "short", name = new string('x', 121), organization = " " });
        Assert.That((answer.Status, answer.Fields), Is.EqualTo((HttpStatusCode.BadRequest, new[] { "email", "password", "name", "organization" })));
        foreach (var email in new[] { "a b@example.com", "ada@", "@example.com", "Ada <ada@example.com>", "ada@exämple.com", $"{new string('a', 250)}@b.de", "\"a b\"@example.com" })
            Assert.That((await browser.Post("/api/v1/auth/register", new { email, password = World.Password })).Status, Is.EqualTo(HttpStatusCode.BadRequest), email);
        Assert.That((await browser.Post("/api/v1/auth/register", new { email = "ada.lovelace@example.com", password = "AdaLovelace!!" })).Fields, Is.EqualTo(new[] { "password" }));
    }

    [Test]
    public async Task An_email_can_be_had_once_in_whatever_case()
    {
        var (browser, email) = await Newcomer();
        using var _ = browser;
        Assert.That((await browser.Post("/api/v1/auth/register", new { email = email.ToUpperInvariant(), password = World.Password })).Verdict, Is.EqualTo("409 email-taken"));
        var same = $"{Guid.CreateVersion7():N}@example.com";
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => browser.Post("/api/v1/auth/register", new { email = same, password = World.Password })));
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.Created), Is.EqualTo(1));
        Assert.That(answers.Count(a => a.Verdict == "409 email-taken"), Is.EqualTo(7));
        Assert.That(await World.Count($"select count(*) from members m join users u on u.id = m.user_id where u.email = '{same}'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Where_only_the_invited_may_others_are_refused()
    {
        await using var host = await StartAnother(s => s.Configure<AccountsOptions>(o => o.Registration = RegistrationMode.Invited));
        using var browser = new Browser(host.Client.Http.BaseAddress!);
        Assert.That((await browser.Get("/api/v1/auth/options")).Text("registration"), Is.EqualTo("invited"));
        var email = $"{Guid.CreateVersion7():N}@example.com";
        Assert.That((await browser.Post("/api/v1/auth/register", new { email, password = World.Password })).Verdict, Is.EqualTo("403 registration-closed"));
        Assert.That((await browser.Post("/api/v1/auth/register", new { email, password = World.Password, invitation = "made-up" })).Verdict, Is.EqualTo("404 invitation-missing"));
        var token = await Invite(email, "editor");
        Assert.That((await browser.Post("/api/v1/auth/register", new { email = "another@example.com", password = World.Password, invitation = token })).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await browser.Post("/api/v1/auth/register", new { email, password = World.Password, invitation = token })).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That(await Organization(email), Is.EqualTo("My organization editor"));
        Assert.That((await browser.Post("/api/v1/auth/register", new { email = "another@example.com", password = World.Password, invitation = token })).Verdict, Is.EqualTo("410 invitation-used"));
    }

    [Test]
    public async Task Of_many_who_use_one_invitation_at_once_one_has_an_account_and_the_others_none()
    {
        using var browser = Browser();
        var invitation = await Invite(null, "viewer");
        var run = $"{Guid.CreateVersion7():N}";
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => browser.Post("/api/v1/auth/register", new { email = $"{i}-{run}@example.com", password = World.Password, invitation })));
        Assert.That(answers.Select(a => a.Verdict).Order(), Is.EqualTo(new[] { "201" }.Concat(Enumerable.Repeat("410 invitation-used", 5))));
        Assert.That(await World.Count($"select count(*) from users where email like '%-{run}@example.com'"), Is.EqualTo(1));
    }

    private async Task<string> Invite(string? email, string role)
    {
        using var admin = Browser();
        await admin.Login();
        var answer = await admin.Post($"/api/v1/organizations/{await Host.Organization()}/invitations", new { email, role });
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Body);
        return answer.Text("token");
    }

    private async Task<object?> Organization(string email) =>
        await World.Scalar($"select o.name || ' ' || m.role from members m join organizations o on o.id = m.organization_id join users u on u.id = m.user_id where u.email = '{email}'");
}

/// <summary>An installation that nobody has an account of.</summary>
[TestFixture]
internal sealed class FirstAccountTests : OnOneHost
{
    protected override void Configure(IServiceCollection services)
    {
        services.Configure<AccountsOptions>(o => o.Registration = RegistrationMode.Invited);
        services.Configure<PasswordHasherOptions>(o => o.IterationCount = 1_000);
    }

    [Test]
    public async Task The_first_account_needs_no_invitation_and_is_the_administrator_and_no_other_is()
    {
        await World.Execute("truncate users, organizations cascade");
        using var browser = Browser();
        Assert.That((await browser.Get("/api/v1/auth/options")).Text("registration"), Is.EqualTo("open"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => browser.Post("/api/v1/auth/register", new { email = $"first{i}@example.com", password = World.Password })));
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.Created), Is.GreaterThanOrEqualTo(1));
        Assert.That(await World.Count("select count(*) from users where administrator"), Is.EqualTo(1));
        Assert.That((await browser.Get("/api/v1/auth/options")).Text("registration"), Is.EqualTo("invited"));
    }
}
