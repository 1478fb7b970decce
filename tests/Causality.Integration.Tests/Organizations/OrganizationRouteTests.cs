using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Causality.Http;
using Causality.Testing;
using NUnit.Framework;

namespace Causality.Integration.Tests.Organizations;

/// <summary>Organizations and members over HTTP.</summary>
[TestFixture]
internal sealed class OrganizationRouteTests : OnRealServers
{
    private HostInside _host = null!;
    private Person _ada = null!, _ben = null!;
    private HttpClient _asAda = null!, _asBen = null!;
    private Team _team = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await World.Start();

    [SetUp]
    public async Task Two_members()
    {
        (_ada, _ben) = (await Person.Make(World), await Person.Make(World));
        (_asAda, _asBen) = (await _ada.SignIn(_host), await _ben.SignIn(_host));
        using var created = await _asAda.PostAsJsonAsync("/api/v1/organizations", new { name = "  Bakery " });
        var body = await created.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That((created.StatusCode, body.GetProperty("name").GetString(), body.GetProperty("role").GetString()), Is.EqualTo((HttpStatusCode.Created, "Bakery", "admin")));
        _team = new Team(_host, body.GetProperty("id").GetGuid());
        Assert.That(created.Headers.Location?.ToString(), Is.EqualTo(At()));
        await _team.Join(_ben, Role.Viewer);
    }

    [TearDown]
    public void Hang_up()
    {
        _asAda.Dispose();
        _asBen.Dispose();
    }

    [Test]
    public async Task An_organization_is_listed_and_shown_to_its_members_with_their_role()
    {
        Assert.That(await Get(_asBen, "/api/v1/organizations"), Is.EqualTo($$"""[{"id":"{{_team.Id}}","name":"Bakery","role":"viewer"}]"""));
        var shown = JsonDocument.Parse(await Get(_asAda, At())).RootElement;
        Assert.That((shown.GetProperty("role").GetString(), shown.GetProperty("created_at").GetDateTimeOffset()), Is.EqualTo(("admin", DateTimeOffset.UtcNow)).Within(TimeSpan.FromMinutes(1)));
    }

    [Test]
    public async Task An_organization_is_renamed()
    {
        using var renamed = await _asAda.PatchAsJsonAsync(At(), new { name = "Baker's" });
        Assert.That((renamed.StatusCode, (await renamed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("name").GetString()), Is.EqualTo((HttpStatusCode.OK, "Baker's")));
        Assert.That(await World.Scalar($"select data::text from facts where stream = 'organization/{_team.Id}' and name = 'organization-renamed'"),
            Is.EqualTo("""{"after": {"name": "Baker's"}, "before": {"name": "Bakery"}}"""));
    }

    [TestCase("")]
    [TestCase("  ")]
    [TestCase("two\nlines")]
    [TestCase("nul\0")]
    [TestCase(null)]
    public async Task A_name_that_is_none_is_refused_by_field(string? name)
    {
        using var created = await _asAda.PostAsJsonAsync("/api/v1/organizations", new { name });
        using var renamed = await _asAda.PatchAsJsonAsync(At(), new { name });
        foreach (var answer in new[] { created, renamed })
            Assert.That((await Problem(answer, HttpStatusCode.BadRequest)).GetProperty("errors").GetProperty("name")[0].GetString(), Does.StartWith("must be 1 to 80 characters"));
    }

    [Test]
    public async Task Members_are_listed_with_the_roles_that_they_have_in_apps()
    {
        var (first, second) = ($"a-{_team.Id:N}", $"b-{_team.Id:N}");
        await _host.AddApp(first, _team.Id);
        await _host.AddApp(second, _team.Id);
        foreach (var (app, role) in new[] { (second, "editor"), (first, "admin"), (second, "admin") })
            using (var put = await _asAda.PutAsJsonAsync($"{At(_ben)}/apps/{app}", new { role }))
                Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var member = JsonDocument.Parse(await Get(_asBen, $"{At()}/members")).RootElement.EnumerateArray().Single(m => m.GetProperty("user_id").GetGuid() == _ben.Id);
        Assert.That((member.GetProperty("email").GetString(), member.GetProperty("role").GetString(), member.GetProperty("apps").ToString()),
            Is.EqualTo((_ben.Email, "viewer", $$"""[{"app_id":"{{first}}","role":"admin"},{"app_id":"{{second}}","role":"admin"}]""")));

        for (var i = 0; i < 2; i++)
            using (var cleared = await _asAda.DeleteAsync($"{At(_ben)}/apps/{first}"))
                Assert.That(cleared.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(await Get(_asAda, $"{At()}/members"), Does.Contain(second).And.Not.Contain(first));
    }

    [Test]
    public async Task A_role_in_an_app_works_at_once_and_ends_within_two_seconds_of_being_taken()
    {
        var app = $"app-{_team.Id:N}";
        await _host.AddApp(app, _team.Id);
        Task<HttpStatusCode> MakeKey() => Status(_asBen.PostAsJsonAsync("/api/admin/keys", new { app_id = app, name = "mine" }));
        Assert.That(await MakeKey(), Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(await Status(_asAda.PutAsJsonAsync($"{At(_ben)}/apps/{app}", new { role = "admin" })), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await MakeKey(), Is.EqualTo(HttpStatusCode.Created));
        Assert.That(await Status(_asAda.DeleteAsync(At(_ben))), Is.EqualTo(HttpStatusCode.NoContent));
        await Patience.Eventually(MakeKey, Is.EqualTo(HttpStatusCode.NotFound), TimeSpan.FromSeconds(4));
    }

    [Test]
    public async Task A_role_that_is_none_is_refused_by_field()
    {
        using var answer = await _asAda.PatchAsJsonAsync(At(_ben), new { role = "owner" });
        Assert.That((await Problem(answer, HttpStatusCode.BadRequest)).GetProperty("errors").GetProperty("role")[0].GetString(), Is.EqualTo("must be viewer, editor or admin"));
    }

    [Test]
    public async Task A_member_leaves_by_their_own_will_and_removes_nobody_else()
    {
        using var other = await _asBen.DeleteAsync(At(_ada));
        Assert.That((await Problem(other, HttpStatusCode.Forbidden)).GetProperty("detail").GetString(), Is.EqualTo("This needs the role admin; yours is viewer."));
        Assert.That(await Status(_asBen.DeleteAsync(At(_ben))), Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(await Get(_asBen, "/api/v1/organizations"), Is.EqualTo("[]"));
    }

    [Test]
    public async Task The_last_admin_stays_even_when_two_leave_at_once()
    {
        using (var alone = await _asAda.DeleteAsync(At(_ada)))
            Assert.That((await Problem(alone, HttpStatusCode.Conflict)).GetProperty("code").GetString(), Is.EqualTo("last-admin"));
        Assert.That(await Status(_asAda.PatchAsJsonAsync(At(_ben), new { role = "admin" })), Is.EqualTo(HttpStatusCode.OK));

        var left = await Task.WhenAll(Status(_asAda.DeleteAsync(At(_ada))), Status(_asBen.DeleteAsync(At(_ben))));

        Assert.That(left, Is.EquivalentTo(new[] { HttpStatusCode.NoContent, HttpStatusCode.Conflict }));
        Assert.That(await World.Count($"select count(*) from members where organization_id = '{_team.Id}' and role = 'admin'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Many_changes_at_once_are_all_recorded_and_the_lists_agree_with_the_facts()
    {
        var people = new List<Person>();
        for (var i = 0; i < 4; i++)
        {
            people.Add(await Person.Make(World));
            await _team.Join(people[^1], Role.Viewer);
        }
        var answers = await Task.WhenAll(people.Select(p => Status(_asAda.PatchAsJsonAsync(At(p), new { role = "editor" }))));
        Assert.That(answers, Is.All.EqualTo(HttpStatusCode.OK));
        Assert.That(await World.Count($"select count(*) from members where organization_id = '{_team.Id}' and role = 'editor'"), Is.EqualTo(4));
        Assert.That(await World.Count($"select count(*) from facts where stream = 'organization/{_team.Id}' and name = 'member-role-changed'"), Is.EqualTo(4));
    }

    [Test]
    public async Task An_admin_gets_a_link_to_reset_a_members_password_which_is_kept_hashed()
    {
        using var answer = await _asAda.PostAsync($"{At(_ben)}/password-reset", null);
        var made = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(made.GetProperty("expires_at").GetDateTimeOffset(), Is.EqualTo(DateTimeOffset.UtcNow.AddHours(1)).Within(TimeSpan.FromMinutes(1)));
        var link = new Uri(made.GetProperty("url").GetString()!);
        Assert.That((link.GetLeftPart(UriPartial.Path), link.Fragment.Length), Is.EqualTo(($"{_host.Client.Http.BaseAddress}app/reset-password", 44)));
        Assert.That(await World.Count($"select count(*) from password_resets where user_id = '{_ben.Id}' and token_hash = sha256('{link.Fragment[1..]}')"), Is.EqualTo(1));
        Assert.That(await World.Scalar($"select data->>'email' from facts where stream = 'organization/{_team.Id}' and name = 'password-reset-issued'"), Is.EqualTo(_ben.Email));
    }

    [Test]
    public async Task An_admins_link_to_a_members_password_is_no_way_into_an_organization_that_the_member_joins_later()
    {
        async Task<string> Link()
        {
            using var answer = await _asAda.PostAsync($"{At(_ben)}/password-reset", null);
            return new Uri((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("url").GetString()!).Fragment[1..];
        }
        async Task<HttpStatusCode> Complete(string token) => await Status(_host.Client.Http.PostAsJsonAsync("/api/v1/auth/password-reset/complete", new { token, password = "another long enough one" }));

        Assert.That(await Complete(await Link()), Is.EqualTo(HttpStatusCode.NoContent));
        var early = await Link();
        await Team.Found(_host, "Elsewhere", _ben);
        Assert.That(await Complete(early), Is.EqualTo(HttpStatusCode.Gone));
    }

    [Test]
    public async Task The_password_of_who_is_more_than_a_member_is_reset_by_the_installations_administrator_only()
    {
        var (elsewhere, provided, administrator) = (await Person.Make(World), await Person.Make(World), await Person.Make(World, $"root-{_team.Id:N}", administrator: true));
        await World.Execute($"insert into external_logins (issuer, subject, user_id, linked_at) values ('https://a.example', '{provided.Id}', '{provided.Id}', now())");
        await _team.Join(provided, Role.Viewer);
        await Team.Found(_host, "Elsewhere", elsewhere);
        await _team.Join(elsewhere, Role.Viewer);
        await _team.Join(administrator, Role.Admin);
        foreach (var person in new[] { elsewhere, provided, administrator })
            using (var answer = await _asAda.PostAsync($"{At(person)}/password-reset", null))
                Assert.That((await Problem(answer, HttpStatusCode.Forbidden)).GetProperty("code").GetString(), Is.EqualTo("member-elsewhere"));
        using var asAdministrator = await administrator.SignIn(_host);
        Assert.That(await Status(asAdministrator.PostAsync($"{At(elsewhere)}/password-reset", null)), Is.EqualTo(HttpStatusCode.OK));
    }

    private string At() => $"/api/v1/organizations/{_team.Id}";

    private string At(Person person) => $"{At()}/members/{person.Id}";

    private static async Task<string> Get(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), path);
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task<HttpStatusCode> Status(Task<HttpResponseMessage> request)
    {
        using var answer = await request;
        return answer.StatusCode;
    }

    private static async Task<JsonElement> Problem(HttpResponseMessage answer, HttpStatusCode expected)
    {
        Assert.That(answer.StatusCode, Is.EqualTo(expected));
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
