using System.Net;
using System.Text.Json;
using NUnit.Framework;

namespace Causality.Integration.Tests.Apps;

/// <summary>Apps over HTTP: who may see and change them, what is refused, and what two people do at once.</summary>
[TestFixture]
internal sealed class AppTests : OnRealServers
{
    private HostInside _host = null!;
    private Person _admin = null!, _editor = null!, _viewer = null!, _stranger = null!;
    private Guid _organization;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start("gateway");
        _admin = await Person.SignIn(_host);
        _organization = await Person.OrganizationOf(World);
        _editor = await Person.Join(World, _host, "editor@example.com", "editor");
        _viewer = await Person.Join(World, _host, "viewer@example.com", "viewer");
        _stranger = await Person.Join(World, _host, "stranger@example.com", role: null);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        foreach (var person in new[] { _admin, _editor, _viewer, _stranger })
            person?.Dispose();
        await _host.DisposeAsync();
    }

    [Test]
    public async Task An_admin_makes_an_app_and_finds_it_at_once()
    {
        var made = (await Create("fresh", "Fresh shop", "Europe/Berlin")).Must(HttpStatusCode.Created);
        Assert.That(made.Body.EnumerateObject().Select(p => p.Name),
            Is.EquivalentTo(new[] { "id", "name", "organization_id", "time_zone", "allowed_origins", "retention_days", "ip_policy", "denied_properties", "enrichment", "version", "created_at" }));
        Assert.That((made["id"].GetString(), made["name"].GetString(), made["time_zone"].GetString(), made["ip_policy"].GetString(), made["version"].GetInt64(), made["organization_id"].GetGuid()),
            Is.EqualTo(("fresh", "Fresh shop", "Europe/Berlin", "hash", 1, _organization)));

        var row = (await _admin.Get("/api/v1/apps")).Body.EnumerateArray().Single(app => app.GetProperty("id").GetString() == "fresh");
        Assert.That(row.GetRawText(), Is.EqualTo($$"""{"id":"fresh","name":"Fresh shop","organization_id":"{{_organization}}","time_zone":"Europe/Berlin","role":"admin"}"""));
        Assert.That((await _viewer.Get("/api/v1/apps/fresh")).Body.GetRawText(), Is.EqualTo(made.Body.GetRawText()));
    }

    [Test]
    public async Task An_id_is_taken_for_ever_and_everywhere()
    {
        await Create("taken");
        foreach (var (person, organization) in new[] { (_admin, _organization), (_stranger, await Person.OrganizationOf(World, "stranger@example.com")) })
        {
            var again = await person.Post("/api/v1/apps", new { organization_id = organization, id = "taken", name = "Mine" });
            Assert.That((again.Status, again.Code), Is.EqualTo((HttpStatusCode.Conflict, "app-id-taken")));
        }
    }

    [Test]
    public async Task Of_many_who_want_one_id_at_once_one_gets_it()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Create("wanted", $"Number {i}")));
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.Created), Is.EqualTo(1));
        Assert.That(answers.Where(a => a.Status != HttpStatusCode.Created).Select(a => a.Code), Is.All.EqualTo("app-id-taken"));
    }

    [Test]
    public async Task Every_problem_of_a_new_app_is_told_at_once()
    {
        var refused = (await _admin.Post("/api/v1/apps", new { organization_id = _organization, id = "../up", name = " ", time_zone = "Mars/Olympus" })).Must(HttpStatusCode.BadRequest);
        Assert.That(refused["errors"].EnumerateObject().Select(e => e.Name), Is.EquivalentTo(new[] { "id", "name", "time_zone" }));
    }

    [Test]
    public async Task Every_problem_of_a_change_is_told_at_once_and_nothing_is_changed()
    {
        await Create("careful");
        var refused = (await _admin.Patch("/api/v1/apps/careful", new
        {
            version = 1, name = "a\nb", time_zone = "localtime", allowed_origins = new[] { "*", "https://fine.example", "ftp://x.example" }, retention_days = 0, ip_policy = "sell",
        })).Must(HttpStatusCode.BadRequest);
        Assert.That(refused["errors"].EnumerateObject().Select(e => e.Name), Is.EquivalentTo(new[] { "name", "time_zone", "allowed_origins", "retention_days", "ip_policy" }));
        Assert.That(refused["errors"].GetProperty("allowed_origins").GetArrayLength(), Is.EqualTo(2));
        Assert.That((await _admin.Get("/api/v1/apps/careful"))["version"].GetInt64(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_change_touches_what_it_names_and_is_kept_as_before_and_after()
    {
        await Create("changing");
        var first = (await _admin.Patch("/api/v1/apps/changing", new { version = 1, allowed_origins = new[] { "https://*.Example.com", "https://*.example.com:443" }, retention_days = 30 })).Must(HttpStatusCode.OK);
        Assert.That((first["allowed_origins"].ToString(), first["retention_days"].GetInt32(), first["name"].GetString(), first["version"].GetInt64()),
            Is.EqualTo(("""["https://*.example.com"]""", 30, "changing", 2)));
        var second = (await _admin.Patch("/api/v1/apps/changing", new { version = 2, name = "Changed", retention_days = (int?)null })).Must(HttpStatusCode.OK);
        Assert.That((second["retention_days"].ValueKind, second["name"].GetString(), second["version"].GetInt64()), Is.EqualTo((JsonValueKind.Null, "Changed", 3)));
        var nothing = (await _admin.Patch("/api/v1/apps/changing", new { version = 3, name = "Changed" })).Must(HttpStatusCode.OK);
        Assert.That(nothing["version"].GetInt64(), Is.EqualTo(3), "what changes nothing is no fact");

        Assert.That(await World.Scalar("select jsonb_build_object('name', name, 'actor', actor_name, 'tenant', tenant, 'data', data)::text from facts where stream = 'app/changing' and version = 3"),
            Is.EqualTo($$$"""{"data": {"after": {"name": "Changed"}, "app_id": "changing", "before": {"name": "changing", "retention_days": 30}}, "name": "app-settings-changed", "actor": "{{{World.Email}}}", "tenant": "{{{_organization}}}"}"""));
    }

    [Test]
    public async Task Who_decided_on_an_old_version_is_told_what_others_changed_and_decides_again()
    {
        await Create("contested");
        (await _admin.Patch("/api/v1/apps/contested", new { version = 1, name = "Theirs", ip_policy = "drop", retention_days = 90 })).Must(HttpStatusCode.OK);

        var stale = (await _admin.Patch("/api/v1/apps/contested", new { version = 1, name = "Mine", retention_days = 90 })).Must(HttpStatusCode.Conflict);
        Assert.That((stale.Code, stale["version"].GetInt64()), Is.EqualTo(("app-changed", 2)));
        Assert.That(stale["changes"].GetRawText(), Is.EqualTo("""[{"field":"name","yours":"Mine","theirs":"Theirs"},{"field":"ip_policy","yours":"hash","theirs":"drop"}]"""), "both want 90 days");

        var decided = (await _admin.Patch("/api/v1/apps/contested", new { version = 2, name = "Mine" })).Must(HttpStatusCode.OK);
        Assert.That((decided["name"].GetString(), decided["ip_policy"].GetString(), decided["retention_days"].GetInt32()), Is.EqualTo(("Mine", "drop", 90)));
    }

    [Test]
    public async Task A_change_that_is_sent_again_has_come_true_and_is_no_conflict()
    {
        await Create("repeated");
        var change = new { version = 1, time_zone = "Asia/Tokyo" };
        (await _admin.Patch("/api/v1/apps/repeated", change)).Must(HttpStatusCode.OK);
        Assert.That((await _admin.Patch("/api/v1/apps/repeated", change)).Must(HttpStatusCode.OK)["version"].GetInt64(), Is.EqualTo(2));
        Assert.That((await _admin.Patch("/api/v1/apps/repeated", new { version = 9, name = "Tomorrow" })).Must(HttpStatusCode.BadRequest).Code, Is.EqualTo("app-version-unknown"));
    }

    [Test]
    public async Task Of_two_who_change_one_field_at_once_one_is_told()
    {
        await Create("raced");
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => _admin.Patch("/api/v1/apps/raced", new { version = 1, name = $"Number {i}" })));
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.OK), Is.EqualTo(1));
        Assert.That(answers.Where(a => a.Status != HttpStatusCode.OK).Select(a => a.Code), Is.All.EqualTo("app-changed"));
    }

    [Test]
    public async Task Viewers_and_editors_look_and_only_admins_change()
    {
        await Create("looked-at");
        foreach (var person in new[] { _viewer, _editor })
        {
            Assert.That((await person.Get("/api/v1/apps/looked-at")).Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That((await person.Get("/api/v1/apps/looked-at/tracking-code")).Status, Is.EqualTo(HttpStatusCode.OK));
            Reply[] refused =
            [
                await person.Patch("/api/v1/apps/looked-at", new { version = 1, name = "No" }),
                await person.Post("/api/v1/apps", new { organization_id = _organization, id = "not-made", name = "No" }),
                await person.Get("/api/v1/apps/looked-at/keys"),
                await person.Post("/api/v1/apps/looked-at/keys", new { name = "No" }),
            ];
            Assert.That(refused.Select(r => (r.Status, r.Code)), Is.All.EqualTo((HttpStatusCode.Forbidden, "role-needed")));
        }
    }

    [Test]
    public async Task Another_organizations_app_cannot_be_told_from_one_that_does_not_exist()
    {
        await Create("hidden");
        Assert.That((await _stranger.Get("/api/v1/apps")).Body.GetArrayLength(), Is.Zero);
        Assert.That((await _stranger.Get($"/api/v1/apps?organization_id={_organization}")).Body.GetArrayLength(), Is.Zero);
        foreach (var path in new[] { "", "/tracking-code", "/keys" })
        {
            var (theirs, nobodys) = (await _stranger.Get($"/api/v1/apps/hidden{path}"), await _stranger.Get($"/api/v1/apps/absent{path}"));
            Assert.That((theirs.Status, theirs.Code, theirs["detail"].GetString()), Is.EqualTo((nobodys.Status, nobodys.Code, nobodys["detail"].GetString()!.Replace("absent", "hidden", StringComparison.Ordinal))));
            Assert.That((theirs.Status, theirs.Code), Is.EqualTo((HttpStatusCode.NotFound, "app-missing")));
        }
        var created = await _stranger.Post("/api/v1/apps", new { organization_id = _organization, id = "smuggled", name = "No" });
        Assert.That((created.Status, created.Code), Is.EqualTo((HttpStatusCode.NotFound, "organization-missing")));
    }

    [Test]
    public async Task The_older_name_of_apps_answers_too()
    {
        var made = (await _admin.Post("/api/v1/projects", new { organization_id = _organization, id = "old-name", name = "Old name" })).Must(HttpStatusCode.Created);
        Assert.That((await _admin.Get("/api/v1/projects/old-name")).Body.GetRawText(), Is.EqualTo(made.Body.GetRawText()));
        Assert.That((await _admin.Patch("/api/v1/projects/old-name", new { version = 1, name = "New name" })).Must(HttpStatusCode.OK)["name"].GetString(), Is.EqualTo("New name"));
        Assert.That((await _admin.Get("/api/v1/projects")).Body.EnumerateArray().Select(app => app.GetProperty("id").GetString()), Does.Contain("old-name"));
        Assert.That((await _admin.Get("/api/v1/projects/old-name/tracking-code"))["app_id"].GetString(), Is.EqualTo("old-name"));
    }

    private Task<Reply> Create(string id, string? name = null, string? timeZone = null) =>
        _admin.Post("/api/v1/apps", new { organization_id = _organization, id, name = name ?? id, time_zone = timeZone });
}
