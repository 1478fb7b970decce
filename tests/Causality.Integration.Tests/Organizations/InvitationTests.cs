using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Causality.Http;
using Causality.Web.Organizations;
using NUnit.Framework;

namespace Causality.Integration.Tests.Organizations;

/// <summary>From a link to a member, over HTTP.</summary>
[TestFixture]
internal sealed class InvitationTests : OnRealServers
{
    private HostInside _host = null!;
    private Person _admin = null!, _ben = null!, _cleo = null!;
    private HttpClient _asAdmin = null!, _asBen = null!, _asCleo = null!;
    private Team _team = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start();
        _admin = await Person.Make(World);
        _asAdmin = await _admin.SignIn(_host);
    }

    [SetUp]
    public async Task A_new_organization()
    {
        (_ben, _cleo) = (await Person.Make(World), await Person.Make(World));
        (_asBen, _asCleo) = (await _ben.SignIn(_host), await _cleo.SignIn(_host));
        _team = await Team.Found(_host, "Bakery", _admin);
    }

    [TearDown]
    public void Hang_up()
    {
        _asBen.Dispose();
        _asCleo.Dispose();
    }

    [OneTimeTearDown]
    public void Hang_up_the_admin() => _asAdmin.Dispose();

    [Test]
    public async Task An_invitation_is_shown_by_its_link_and_makes_a_member_of_its_role()
    {
        var made = await Invite(new { role = "editor", email = $" {_ben.Email.ToUpperInvariant()} " });
        var (token, expires) = (made.GetProperty("token").GetString()!, made.GetProperty("expires_at").GetDateTimeOffset());
        Assert.That((made.GetProperty("url").GetString(), made.GetProperty("mailed").GetBoolean()), Is.EqualTo(($"{_host.Client.Http.BaseAddress}app/invitation#{token}", false)));
        Assert.That(expires, Is.EqualTo(DateTimeOffset.UtcNow.AddDays(7)).Within(TimeSpan.FromMinutes(1)));

        using var shown = await _host.Client.Http.PostAsJsonAsync("/api/v1/invitations/show", new { token });
        var words = await shown.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That((words.GetProperty("organization").GetString(), words.GetProperty("role").GetString(), words.GetProperty("email").GetString(), words.GetProperty("invited_by").GetString()),
            Is.EqualTo(("Bakery", "editor", _ben.Email, _admin.Email)));

        Assert.That(await Accept(_asBen, token), Is.EqualTo($$"""200 {"organization_id":"{{_team.Id}}"}"""));
        Assert.That(await _asBen.GetStringAsync("/api/v1/organizations"), Is.EqualTo($$"""[{"id":"{{_team.Id}}","name":"Bakery","role":"editor"}]"""));
        Assert.That(await States(), Is.EqualTo(new[] { "accepted" }));
    }

    [Test]
    public async Task The_token_is_kept_as_a_hash_only()
    {
        var token = (await Invite(new { role = "viewer" })).GetProperty("token").GetString();
        Assert.That(await World.Count($"select count(*) from facts where data::text like '%{token}%'"), Is.Zero);
        Assert.That(await World.Count($"select count(*) from invitations where token_hash = sha256('{token}')"), Is.EqualTo(1));
    }

    [Test]
    public async Task Of_two_who_accept_at_once_one_becomes_a_member()
    {
        for (var round = 0; round < 5; round++)
        {
            await A_new_organization();
            var token = (await Invite(new { role = "viewer" })).GetProperty("token").GetString()!;
            var answers = await Task.WhenAll(Accept(_asBen, token), Accept(_asCleo, token));
            Assert.That(answers.Order().Select(a => a[..3]), Is.EqualTo(new[] { "200", "410" }));
            Assert.That(answers.Max(), Is.EqualTo("410 invitation-used"));
            Assert.That(await World.Count($"select count(*) from members where organization_id = '{_team.Id}'"), Is.EqualTo(2));
        }
    }

    [Test]
    public async Task Accepting_twice_at_once_as_one_person_is_harmless()
    {
        var token = (await Invite(new { role = "viewer" })).GetProperty("token").GetString()!;
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Accept(_asBen, token)));
        Assert.That(answers, Is.All.EqualTo($$"""200 {"organization_id":"{{_team.Id}}"}"""));
        Assert.That(await World.Count($"select count(*) from facts where stream = 'organization/{_team.Id}' and name = 'member-joined'"), Is.EqualTo(2));
    }

    [Test]
    public async Task Who_is_a_member_already_keeps_the_role_and_leaves_the_link_to_others()
    {
        await _team.Join(_ben, Role.Editor);
        var token = (await Invite(new { role = "viewer" })).GetProperty("token").GetString()!;
        Assert.That(await Accept(_asBen, token), Does.StartWith("200"));
        Assert.That(await _asBen.GetStringAsync("/api/v1/organizations"), Does.Contain("editor"));
        Assert.That(await Accept(_asCleo, token), Does.StartWith("200"));
    }

    [Test]
    public async Task An_invitation_for_one_email_is_refused_to_another_and_stays_open()
    {
        var token = (await Invite(new { role = "viewer", email = _ben.Email })).GetProperty("token").GetString()!;
        Assert.That(await Accept(_asCleo, token), Is.EqualTo("403 invitation-for-another"));
        Assert.That(await States(), Is.EqualTo(new[] { "open" }));
        Assert.That(await Accept(_asBen, token), Does.StartWith("200"));
    }

    [Test]
    public async Task What_is_used_revoked_or_unknown_says_so()
    {
        var (used, revoked) = (await Invite(new { role = "viewer" }), await Invite(new { role = "viewer" }));
        string Token(JsonElement made) => made.GetProperty("token").GetString()!;
        string At(JsonElement made) => $"/api/v1/organizations/{_team.Id}/invitations/{made.GetProperty("id").GetGuid()}";
        await Accept(_asBen, Token(used));
        for (var i = 0; i < 2; i++)
            using (var answer = await _asAdmin.DeleteAsync(At(revoked)))
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((await Accept(_asCleo, Token(used)), await Accept(_asCleo, Token(revoked)), await Accept(_asCleo, "nonsense")), Is.EqualTo(("410 invitation-used", "410 invitation-revoked", "404 invitation-missing")));
        Assert.That((await Show(Token(used)), await Show(Token(revoked)), await Show("nonsense")), Is.EqualTo(("410 invitation-used", "410 invitation-revoked", "404 invitation-missing")));
        using var late = await _asAdmin.DeleteAsync(At(used));
        Assert.That(late.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await States(), Is.EqualTo(new[] { "revoked", "accepted" }));
    }

    [Test]
    public async Task An_invitation_that_has_expired_says_so_and_is_listed_so()
    {
        const string Token = "a token of last week";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Token)));
        await _team.Record(new MemberInvited(Guid.CreateVersion7(), null, Role.Viewer, hash, _admin.Email, DateTimeOffset.UtcNow));
        Assert.That((await Accept(_asCleo, Token), await Show(Token)), Is.EqualTo(("410 invitation-expired", "410 invitation-expired")));
        Assert.That(await States(), Is.EqualTo(new[] { "expired" }));
    }

    [Test]
    public async Task A_bad_invitation_is_told_each_field_at_once_and_a_member_is_not_invited()
    {
        using var bad = await _asAdmin.PostAsJsonAsync($"/api/v1/organizations/{_team.Id}/invitations", new { role = "owner", email = "nowhere" });
        Assert.That(bad.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await bad.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject().Select(e => e.Name), Is.EquivalentTo(new[] { "role", "email" }));
        using var member = await _asAdmin.PostAsJsonAsync($"/api/v1/organizations/{_team.Id}/invitations", new { role = "viewer", email = _admin.Email });
        Assert.That((member.StatusCode, (await member.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString()), Is.EqualTo((HttpStatusCode.Conflict, "already-member")));
    }

    private async Task<JsonElement> Invite(object request)
    {
        using var answer = await _asAdmin.PostAsJsonAsync($"/api/v1/organizations/{_team.Id}/invitations", request);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static Task<string> Accept(HttpClient http, string token) => Post(http, "/api/v1/invitations/accept", token);

    private Task<string> Show(string token) => Post(_host.Client.Http, "/api/v1/invitations/show", token);

    private static async Task<string> Post(HttpClient http, string path, string token)
    {
        using var answer = await http.PostAsJsonAsync(path, new { token });
        var body = await answer.Content.ReadAsStringAsync();
        return $"{(int)answer.StatusCode} {(answer.IsSuccessStatusCode ? body : JsonDocument.Parse(body).RootElement.GetProperty("code").GetString())}";
    }

    private async Task<IEnumerable<string?>> States() =>
        JsonDocument.Parse(await _asAdmin.GetStringAsync($"/api/v1/organizations/{_team.Id}/invitations")).RootElement.EnumerateArray().Select(i => i.GetProperty("state").GetString());
}
