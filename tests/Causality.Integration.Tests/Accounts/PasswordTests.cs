using System.Net;
using System.Text.RegularExpressions;
using Causality.Http;
using Causality.Web;
using Causality.Web.Accounts;
using Causality.Web.Accounts.Passwords;
using Causality.Web.Accounts.Sessions;
using Causality.Web.Mail;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Accounts;

/// <summary>Choosing, changing, forgetting and guessing passwords.</summary>
[TestFixture]
internal sealed partial class PasswordTests : OnOneHost
{
    private const string Another = "quite another long one", Public = "http://causality.example.com";

    private readonly SmtpListener _smtp = new();

    protected override void Configure(IServiceCollection services)
    {
        services.AddSingleton(new PublicAddress(new Uri(Public)));
        services.Configure<SmtpOptions>(o => (o.Host, o.Port, o.From, o.Tls) = ("127.0.0.1", _smtp.Port, "causality@example.com", false));
        services.Configure<PasswordHasherOptions>(o => o.IterationCount = 20_000);   // many are checked here
    }

    [OneTimeTearDown]
    public void StopSmtp() => _smtp.Dispose();

    [Test]
    public async Task A_changed_password_ends_every_other_session()
    {
        var (browser, email) = await Newcomer();
        using var _ = browser;
        using var other = Browser();
        await other.Login(email);
        Assert.That((await Change(browser, "wrong", Another)).Fields, Is.EqualTo(new[] { "current" }));
        Assert.That((await Change(browser, World.Password, "short")).Fields, Is.EqualTo(new[] { "new" }));
        Assert.That((await Change(browser, World.Password, "password1234")).Fields, Is.EqualTo(new[] { "new" }));
        Assert.That((await other.Get("/api/v1/auth/me")).Status, Is.EqualTo(HttpStatusCode.OK), "nothing has changed yet");

        Assert.That((await Change(browser, World.Password, Another)).Verdict, Is.EqualTo("204"));
        await Eventually(async () => (await other.Get("/api/v1/auth/me")).Verdict, Is.EqualTo("401 session-ended"), TimeSpan.FromSeconds(2.5));
        Assert.That((await browser.Get("/api/v1/auth/me")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await other.Login(email)).Verdict, Is.EqualTo("401 sign-in-refused"));
        Assert.That((await other.Login(email, Another)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await Trail(email), Does.Contain("password-changed"));
    }

    [Test]
    public async Task A_forgotten_password_is_replaced_by_a_mailed_link_once()
    {
        var (browser, email) = await Newcomer();
        using var _ = browser;
        using var anybody = Browser();
        var token = await LinkTo(anybody, email);
        Assert.That(token, Has.Length.EqualTo(43));
        Assert.That((await Complete(anybody, token, "short")).Fields, Is.EqualTo(new[] { "password" }));
        Assert.That((await Complete(anybody, token, $"{email.Split('@')[0]}!!")).Fields, Is.EqualTo(new[] { "password" }), "the e-mail itself");
        Assert.That((await Complete(anybody, token, Another)).Verdict, Is.EqualTo("204"));
        Assert.That((await Complete(anybody, token, Another)).Verdict, Is.EqualTo("410 reset-gone"));
        Assert.That((await Complete(anybody, "made-up", Another)).Verdict, Is.EqualTo("410 reset-gone"));
        await Eventually(async () => (await browser.Get("/api/v1/auth/me")).Verdict, Is.EqualTo("401 session-ended"), TimeSpan.FromSeconds(2.5));
        Assert.That((await anybody.Login(email, Another)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await Trail(email), Is.SupersetOf(new[] { "password-reset-asked", "password-reset" }));
        Assert.That(await World.Count($"select count(*) from users where email = '{email}' and email_verified_at is not null"), Is.EqualTo(1), "who has the mail has the address");
    }

    [Test]
    public async Task The_first_link_that_shows_whose_the_email_is_takes_the_identities_away_that_were_linked_before()
    {
        var (browser, email) = await Newcomer();
        using var _ = browser;
        async Task<long> Identities() => await World.Count($"select count(*) from external_logins l join users u on u.id = l.user_id where u.email = '{email}'");
        Task Identify(string subject) => World.Execute($"insert into external_logins (issuer, subject, user_id, linked_at) select 'https://a.example', '{subject}', id, now() from users where email = '{email}'");
        await Identify($"stranger of {email}");
        Assert.That((await Complete(browser, await LinkTo(browser, email), Another)).Verdict, Is.EqualTo("204"));
        Assert.That(await Identities(), Is.Zero);
        await Identify($"owner of {email}");
        var later = await Host.Services.GetRequiredService<PasswordTable>().IssueLink((Guid)(await World.Scalar($"select id from users where email = '{email}'"))!, mailed: true, CancellationToken.None);
        Assert.That((await Complete(browser, later!.Value.Token, World.Password)).Verdict, Is.EqualTo("204"));
        Assert.That(await Identities(), Is.EqualTo(1), "a later one leaves them");
    }

    [Test]
    public async Task An_account_that_becomes_the_administrators_is_nobody_elses_any_more()
    {
        var (browser, email) = await Newcomer();
        using var _ = browser;
        await World.Execute($"insert into external_logins (issuer, subject, user_id, linked_at) select 'https://a.example', '{email}', id, now() from users where email = '{email}'");
        await WebModule.EnsureAdministrator(Host.Services, email, Another, CancellationToken.None);
        await Eventually(async () => (await browser.Get("/api/v1/auth/me")).Verdict, Is.EqualTo("401 session-ended"), TimeSpan.FromSeconds(2.5));
        Assert.That((await browser.Post("/api/v1/auth/refresh")).Verdict, Is.EqualTo("401 session-ended"));
        Assert.That(await World.Count($"select count(*) from external_logins where subject = '{email}'"), Is.Zero);
        using var administrator = Browser();
        Assert.That((await administrator.Login(email, Another)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await Trail(email)).TakeLast(2), Is.EqualTo(new[] { "administrator-set true", "signed-in password" }));
        var entries = (await Trail(email)).Count(entry => entry.StartsWith("administrator-set", StringComparison.Ordinal));
        await WebModule.EnsureAdministrator(Host.Services, email, Another, CancellationToken.None);
        Assert.That((await Trail(email)).Count(entry => entry.StartsWith("administrator-set", StringComparison.Ordinal)), Is.EqualTo(entries));
        Assert.That((await administrator.Post("/api/v1/auth/refresh")).Status, Is.EqualTo(HttpStatusCode.OK), "another start with the same password changes nothing");
    }

    [Test]
    public async Task A_change_whose_session_ends_while_it_waits_changes_nothing()
    {
        var (browser, email) = await Newcomer();
        using var _ = browser;
        await using var connection = await World.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var end = new Npgsql.NpgsqlCommand($"update sessions set ended_at = now() where user_id = (select id from users where email = '{email}')", connection, transaction);
        await end.ExecuteNonQueryAsync();
        var change = Change(browser, World.Password, Another);
        await Eventually(() => World.Count("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"), Is.EqualTo(1));
        await transaction.CommitAsync();
        Assert.That((await change).Verdict, Is.EqualTo("401 session-ended"));
        using var again = Browser();
        Assert.That((await again.Login(email)).Status, Is.EqualTo(HttpStatusCode.OK), "the password is what it was");
    }

    [Test]
    public async Task Of_a_change_and_a_reset_at_once_one_is_done_and_the_other_is_told()
    {
        var (table, outcomes) = (Host.Services.GetRequiredService<PasswordTable>(), new HashSet<string>());
        for (var round = 0; round < 12; round++)
        {
            var (browser, email) = await Newcomer();
            using var _ = browser;
            var link = await table.IssueLink((Guid)(await World.Scalar($"select id from users where email = '{email}'"))!, mailed: true, CancellationToken.None);
            var answers = await Task.WhenAll(Change(browser, World.Password, Another), Complete(browser, link!.Value.Token, "the one of the reset"));
            Assert.That(answers.Select(a => a.Verdict), Is.EqualTo(new[] { "204", "410 reset-gone" }).Or.EqualTo(new[] { "401 session-ended", "204" }).Or.EqualTo(new[] { "400", "204" }), "400 is the present password that was reset before it was looked at");
            using var again = Browser();
            Assert.That((await again.Login(email, answers[0].Verdict == "204" ? Another : "the one of the reset")).Status, Is.EqualTo(HttpStatusCode.OK));
            outcomes.Add(answers[0].Verdict);
        }
        TestContext.Out.WriteLine(string.Join(", ", outcomes));
    }

    [Test]
    public async Task A_link_is_good_for_an_hour()
    {
        var (browser, email) = await Newcomer();
        using var _ = browser;
        var token = await LinkTo(browser, email);
        Clock.Pass(PasswordTable.LinkLife + TimeSpan.FromSeconds(1));
        Assert.That((await Complete(browser, token, Another)).Verdict, Is.EqualTo("410 reset-gone"));
    }

    [Test]
    public async Task Who_asks_for_an_unknown_email_is_answered_alike_and_nothing_is_sent()
    {
        var (browser, email) = await Newcomer();
        using var _ = browser;
        var unknown = await browser.Post("/api/v1/auth/password-reset", new { email = "nobody@example.com" });
        var known = await browser.Post("/api/v1/auth/password-reset", new { email });
        Assert.That((unknown.Status, unknown.Body), Is.EqualTo((HttpStatusCode.Accepted, known.Body)));
        await Eventually(() => Mails(email).Count, Is.EqualTo(1));
        await browser.Post("/api/v1/auth/password-reset", new { email });   // again within a minute
        await LinkTo(browser, (await Newcomer()).Email);                    // which the queue comes to after it
        Assert.That((Mails("nobody@example.com").Count, Mails(email).Count), Is.EqualTo((0, 1)));
    }

    [Test]
    public async Task A_fresh_account_without_mail_is_told_to_ask_an_admin()
    {
        await using var host = await World.Start("gateway");
        using var browser = new Browser(host.Client.Http.BaseAddress!);
        Assert.That((await browser.Post("/api/v1/auth/password-reset", new { email = World.Email })).Text("message"), Does.Contain("Ask an admin"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task After_five_wrong_passwords_the_next_try_waits_twice_as_long_each_time_whether_or_not_there_is_an_account(bool known)
    {
        var (browser, email) = known ? await Newcomer() : (Browser(), "ghost@example.com");
        using var _ = browser;
        for (var i = 0; i < SignInDelay.Free; i++)
            Assert.That((await browser.Login(email, "wrong")).Verdict, Is.EqualTo("401 sign-in-refused"));
        foreach (var seconds in new[] { 1, 2, 4 })
        {
            var early = await browser.Login(email, World.Password);
            Assert.That((early.Verdict, early.RetryAfter), Is.EqualTo(("429 sign-in-delayed", TimeSpan.FromSeconds(seconds))));
            Clock.Pass(TimeSpan.FromSeconds(seconds));
            Assert.That((await browser.Login(email, "wrong")).Verdict, Is.EqualTo("401 sign-in-refused"));
        }
        for (var i = 0; i < 12; i++)
        {
            Clock.Pass(SignInDelay.Longest);
            Assert.That((await browser.Login(email, "wrong")).Verdict, Is.EqualTo("401 sign-in-refused"));
        }
        Assert.That((await browser.Login(email, "wrong")).RetryAfter, Is.EqualTo(SignInDelay.Longest).Within(TimeSpan.FromSeconds(5)));
        Assert.That(await Trail(email), Does.Contain("sign-in-refused too many wrong passwords"));
    }

    [Test]
    public async Task A_right_password_after_the_delay_takes_it_back_and_the_delay_is_shared_by_hosts()
    {
        var (browser, email) = await Newcomer();
        using var _ = browser;
        await using var other = await StartAnother();
        using var elsewhere = browser.At(other);
        for (var i = 0; i < SignInDelay.Free; i++)
            await browser.Login(email, "wrong");
        Assert.That((await elsewhere.Login(email)).Verdict, Is.EqualTo("429 sign-in-delayed"));
        Clock.Pass(TimeSpan.FromSeconds(1));
        Assert.That((await elsewhere.Login(email)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await browser.Login(email, "wrong")).Verdict, Is.EqualTo("401 sign-in-refused"), "counted from none again");
        Assert.That((await browser.Login(email)).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Many_tries_at_once_are_no_way_around_the_delay()
    {
        using var browser = Browser();
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => browser.Login("crowd@example.com", $"wrong {i}")));
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.Unauthorized), Is.LessThanOrEqualTo(SignInDelay.Free + 1));
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.TooManyRequests), Is.GreaterThanOrEqualTo(24));
    }

    [Test]
    public async Task Guessing_the_present_password_when_changing_it_is_delayed_too()
    {
        var (browser, _) = await Newcomer();
        for (var i = 0; i < SignInDelay.Free; i++)
            Assert.That((await Change(browser, "wrong", Another)).Fields, Is.EqualTo(new[] { "current" }));
        Assert.That((await Change(browser, World.Password, Another)).Verdict, Is.EqualTo("429 sign-in-delayed"));
        browser.Dispose();
    }

    [Test]
    public async Task A_hash_of_less_strength_is_replaced_when_its_owner_signs_in()
    {
        var (browser, email) = await Newcomer();
        using var _ = browser;
        var weak = new PasswordHasher<User>(Options.Create(new PasswordHasherOptions { IterationCount = 1_000 })).HashPassword(null!, World.Password);
        await World.Execute($"update users set password_hash = '{weak}' where email = '{email}'");
        Assert.That((await browser.Login(email)).Status, Is.EqualTo(HttpStatusCode.OK));
        var now = (string)(await World.Scalar($"select password_hash from users where email = '{email}'"))!;
        Assert.That(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(Convert.FromBase64String(now).AsSpan(5)), Is.EqualTo(20_000), "iterations");
        Assert.That((await browser.Login(email)).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_password_is_the_same_however_its_letters_are_composed_and_blanks_count()
    {
        var (browser, email) = await Newcomer("  été à la plage  ");
        using var _ = browser;
        Assert.That((await browser.Login(email, "  e\u0301te\u0301 a\u0300 la plage  ")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await browser.Login(email, "été à la plage")).Verdict, Is.EqualTo("401 sign-in-refused"));
    }

    [Test]
    public void Mail_without_a_public_address_or_a_sender_is_refused_at_the_start()
    {
        var nowhere = new SmtpChecks(new PublicAddress(null)).Validate(null, new SmtpOptions { Host = "mail.example.com" });
        Assert.That(nowhere.Failures, Has.Some.Contains("CAUSALITY_URL").And.Some.Contains("CAUSALITY_SMTP__FROM"));
    }

    private static Task<Answer> Change(Browser browser, string current, string @new) => browser.Post("/api/v1/auth/password", new { current, @new });

    private static Task<Answer> Complete(Browser browser, string token, string password) => browser.Post("/api/v1/auth/password-reset/complete", new { token, password });

    private async Task<string> LinkTo(Browser browser, string email)
    {
        Assert.That((await browser.Post("/api/v1/auth/password-reset", new { email })).Status, Is.EqualTo(HttpStatusCode.Accepted));
        await Eventually(() => Mails(email).Count, Is.EqualTo(1));
        return Link().Match(Mails(email)[0]).Groups["token"].Value;
    }

    private List<string> Mails(string to) => [.. _smtp.Mails.Where(m => m.Contains($"To: {to}", StringComparison.Ordinal))];

    [GeneratedRegex("http://causality.example.com/app/reset-password#(?<token>[A-Za-z0-9_-]{43})")]
    private static partial Regex Link();
}
