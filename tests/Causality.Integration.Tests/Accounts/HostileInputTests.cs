using System.Net;
using System.Net.Http.Json;
using System.Text;
using NUnit.Framework;

namespace Causality.Integration.Tests.Accounts;

/// <summary>Text that a database, a file name or a header cannot hold is refused or left out; none of it is an error of ours.</summary>
[TestFixture]
internal sealed class HostileInputTests : OnOneHost
{
    [TestCase("audit?q=a%00b")]
    [TestCase("audit?actor=%00")]
    [TestCase("audit?action=%00")]
    [TestCase("audit?subject=%00")]
    [TestCase("audit.csv?q=%00")]
    [TestCase("audit.csv?more=%00")]
    [TestCase("audit.csv?%00=more")]
    public async Task A_query_with_NUL_is_refused(string address)
    {
        using var browser = Browser();
        await browser.Login();
        Assert.That((await browser.Get($"/api/v1/organizations/{await Host.Organization()}/{address}")).Verdict, Is.EqualTo("400 bad-request"));
    }

    [TestCase("/api/v1/auth/register", """{"email":"EMAIL","password":"\uFFFE and some long words"}""", "201")]
    [TestCase("/api/v1/auth/login", """{"email":"EMAIL","password":"\uFFFE and some long words"}""", "401 sign-in-refused")]
    [TestCase("/api/v1/auth/login", """{"email":"EMAIL","password":"\ud800 and some long words"}""", "400 bad-request")]
    [TestCase("/api/v1/auth/login", """{"email":"\u0000","password":"some long words"}""", "400")]
    [TestCase("/api/v1/auth/login", """{"email":"EMAIL","password":"some \u0000 long words"}""", "401 sign-in-refused")]
    [TestCase("/api/v1/auth/login", """{"email":"EMAIL","password":"wrong","session":7}""", "400 bad-request")]
    [TestCase("/api/v1/auth/password-reset", """{"email":"a\u0000b"}""", "400")]
    [TestCase("/api/v1/auth/password-reset/complete", """{"token":"a\u0000b","password":"some quite long words"}""", "410 reset-gone")]
    [TestCase("/api/v1/auth/refresh", """{"refresh_token":"a\u0000b"}""", "401 session-ended")]
    [TestCase("/api/v1/auth/register", """{"email":"EMAIL","password":"some quite long words","invitation":"\u0000"}""", "404 invitation-missing")]
    [TestCase("/api/v1/auth/register", """{"email":"EMAIL","password":"some quite long words","name":"a\u0000"}""", "400")]
    [TestCase("/api/v1/invitations/show", """{"token":"\u0000"}""", "404 invitation-missing")]
    public async Task Text_that_is_none_is_refused(string address, string body, string verdict)
    {
        using var browser = Browser();
        using var content = new StringContent(body.Replace("EMAIL", $"{Guid.CreateVersion7():N}@example.com", StringComparison.Ordinal), Encoding.UTF8, "application/json");
        using var answer = await browser.Http.PostAsync(address, content);
        Assert.That((await Answer.Of(answer)).Verdict, Is.EqualTo(verdict));
    }

    [Test]
    public async Task The_name_of_a_browser_may_be_cut_within_a_character()
    {
        using var browser = Browser();
        var agent = new string('a', 299) + "😀";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/login") { Content = JsonContent.Create(new { email = World.Email, password = World.Password, session = "token" }) };
        request.Headers.TryAddWithoutValidation("User-Agent", agent);
        using var http = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 }) { BaseAddress = browser.Http.BaseAddress };
        using var answer = await http.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }
}
