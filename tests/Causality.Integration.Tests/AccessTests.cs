using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Causality.Http;
using Causality.Integration.Tests.Organizations;
using NUnit.Framework;

namespace Causality.Integration.Tests;

/// <summary>
/// Who may ask what: every endpoint, by what it says of itself, asked by everybody, about what is theirs, what is another's and what does
/// not exist. An endpoint that is added is asked too; what the walk cannot know of it, it demands.
/// </summary>
[TestFixture]
internal sealed class AccessTests : OnRealServers
{
    /// <summary>All that answers without sign-in. What is added here is read by nobody but by intent.</summary>
    private static readonly string[] Open =
    [
        "GET /health", "GET /ready", "GET /metrics", "GET /openapi.json", "GET /", "GET /app/{**path}", "POST /api/v1/invitations/show",
        "GET /api/v1/auth/options", "POST /api/v1/auth/register", "POST /api/v1/auth/login", "POST /api/v1/auth/refresh", "POST /api/v1/auth/logout",
        "POST /api/v1/auth/password-reset", "POST /api/v1/auth/password-reset/complete", "GET /api/v1/auth/oidc/start", "GET /api/v1/auth/oidc/callback",
        // by API key
        "POST /v1/events/ingest", "POST /v1/events/batch", "POST /api/v1/events/ingest", "POST /api/v1/events/batch", "POST /api/v1/track", "POST /api/v1/track/batch",
        "OPTIONS /v1/events/ingest", "OPTIONS /v1/events/batch", "OPTIONS /api/v1/events/ingest", "OPTIONS /api/v1/events/batch", "OPTIONS /api/v1/track", "OPTIONS /api/v1/track/batch",
        .. from call in new[] { "batch", "b", "track", "t", "identify", "i", "page", "p", "screen", "s", "group", "g", "alias", "a" } from method in new[] { "POST", "OPTIONS" } select $"{method} /v1/{call}",
    ];

    /// <summary>A valid body for each endpoint whose body is looked at before it is known whether the asker may: it names the scope, or ids follow it in the path.</summary>
    private static readonly Dictionary<string, Func<IReadOnlyDictionary<string, string>, object>> Bodies = new()
    {
        ["POST /api/v1/analytics/trends"] = ids => new { app_id = ids["app_id"], series = new[] { new { event_type = "opened" } }, from = "2026-11-01", to = "2026-11-02", interval = "day" },
        ["POST /api/admin/keys"] = ids => new { app_id = ids["app_id"], name = "walk" },
        ["POST /api/v1/operations/erasures"] = ids => new { app_id = ids["app_id"], user_id = "walker", dry_run = true },
        ["POST /api/v1/apps"] = ids => new { organization_id = ids["organization_id"], id = $"walk-{Guid.CreateVersion7():N}", name = "Walk" },
        ["POST /api/v1/projects"] = ids => new { organization_id = ids["organization_id"], id = $"walk-{Guid.CreateVersion7():N}", name = "Walk" },
        ["POST /api/v1/apps/{app_id}/keys/{key_id}/rotate"] = _ => new { overlap_hours = 1 },
        ["POST /api/v1/operations/dead-letters/replay"] = ids => new { app_id = ids["app_id"], reason = "there are none" },
        ["POST /api/v1/operations/dead-letters/discard"] = ids => new { app_id = ids["app_id"], reason = "there are none" },
        ["PUT /api/v1/catalog/properties/columns"] = ids => new { app_id = ids["app_id"], properties = Array.Empty<string>() },
        ["PATCH /api/v1/organizations/{organization_id}/members/{user_id}"] = _ => new { role = "editor" },
        ["PUT /api/v1/organizations/{organization_id}/members/{user_id}/apps/{app_id}"] = _ => new { role = "editor" },
        ["POST /api/v1/operations/jobs/{job}/run"] = _ => new { dry_run = true },
    };

    private const string OtherApp = "theirs";

    private enum Whose { Own, Others, Nobodys }

    /// <param name="Person">Null for who is not signed in.</param>
    private sealed record Caller(string Name, Person? Person, HttpClient Http, Role? InOrganization = null, Role? InApp = null, bool Administrator = false)
    {
        public override string ToString() => Name;
    }

    private HostInside _host = null!;
    private Team _own = null!, _other = null!;
    private IReadOnlyList<Caller> _callers = [];
    private IReadOnlyList<Route> _routes = [];

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start();
        _own = new Team(_host, await _host.Organization());
        _other = await Team.Found(_host, "Others", await Person.Make(World));
        await _host.AddApp(OtherApp, _other.Id);
        _callers =
        [
            new Caller("nobody", null, _host.Client.Http),
            await SignedIn("without-organization"),
            await SignedIn("viewer", Role.Viewer),
            await SignedIn("editor", Role.Editor),
            await SignedIn("admin", Role.Admin),
            await SignedIn("installation", administrator: true),
            await SignedIn("lifted", Role.Viewer, Role.Admin),
            await SignedIn("lowered", Role.Editor, Role.Viewer),
            await SignedIn("admin-lowered-in-vain", Role.Admin, Role.Viewer),
        ];
        _routes = Route.All(_host);
    }

    [OneTimeTearDown]
    public void Hang_up()
    {
        foreach (var caller in _callers.Where(c => c.Person is not null))
            caller.Http.Dispose();
    }

    [Test]
    public void Every_endpoint_says_who_may_call_it_and_is_open_by_intent_only()
    {
        Assert.That(_routes.Where(r => r.Anonymous).Select(r => r.ToString()), Is.SubsetOf(Open));
        Assert.That(_routes.Where(r => r.Anonymous == (r.Requirement is not null)), Is.Empty);
    }

    [Test]
    public void What_names_an_organization_or_an_app_asks_for_a_role_in_it()
    {
        // an administrator of the installation asks about all of it, and may narrow that to an app
        foreach (var route in _routes.Where(r => !r.Anonymous && !r.Requirement!.Administrator))
        {
            In? named = route.Ids.Contains("organization_id") || Has(route.Body, "OrganizationId") ? In.Organization
                : route.Ids.Contains("app_id") || Has(route.Body, "AppId") ? In.App
                : null;
            if (named is not null)
                Assert.That((route.Requirement!.Where, route.Requirement.Role), Is.EqualTo((named, route.Requirement.Role ?? Role.Viewer)), $"{route}");
            if (route.Ids.Contains("organization_id") || route.Ids.Contains("app_id"))
                continue;
            Assert.That(Has(route.Body, "OrganizationId"), Is.EqualTo(route.Body?.IsAssignableTo(typeof(IOfOrganization)) ?? false), $"{route} must take its organization as IOfOrganization");
            Assert.That(Has(route.Body, "AppId"), Is.EqualTo(route.Body?.IsAssignableTo(typeof(IOfApp)) ?? false), $"{route} must take its app as IOfApp");
        }
        Assert.That(_routes.Where(r => r.Requirement?.Where == In.Organization && r.ScopeIs == Named.InQuery), Is.Empty, "an organization is named by route or body");

        static bool Has(Type? request, string property) => request?.GetProperty(property) is not null;
    }

    [Test]
    public async Task Everybody_is_answered_by_the_table_of_roles()
    {
        var (wrong, asked) = (new List<string>(), 0);
        foreach (var route in _routes.Where(r => r.Requirement is not null))
            foreach (var caller in await CallersOf(route))
                foreach (var whose in route.Scope is null ? [Whose.Own] : Enum.GetValues<Whose>())
                {
                    var ids = await Ids(route, caller, scope: whose, nested: Whose.Own);
                    var answer = await Ask(caller, route, route.Address(ids), ids);
                    var expected = Expected(route.Requirement!, caller, whose);
                    // who may ask about any app is told by the endpoint itself that what is of one is not within another
                    var within = caller.Administrator && whose != Whose.Own && route.Nested.Count > 0;
                    if (expected.Length > 0 ? answer.ToString() != expected : answer.Status is 401 or 403 or >= 500 || (answer.Status == 404 && !within))
                        wrong.Add($"{route}, {caller}, {whose}: {answer}, not {(expected.Length > 0 ? expected : "let through")}");
                    asked++;
                }
        Assert.That(wrong, Is.Empty);
        Assert.That(asked, Is.GreaterThan(200));
    }

    /// <summary>The table of docs/reference/api.md; empty for who is let through.</summary>
    private static string Expected(Requirement requirement, Caller caller, Whose whose)
    {
        if (caller.Person is null)
            return "401 signed-out: Sign in first.";
        if (requirement.Administrator)
            return caller.Administrator ? "" : "403 administrator-needed: Only an administrator of this installation may do this.";
        if (requirement.Role is not { } least || (requirement.OrAdministrator && caller.Administrator))
            return "";
        if (requirement.Where == In.Anywhere)
            return caller.InOrganization >= least || caller.InApp >= least ? "" : $"403 role-needed: This needs the role {Name(least)} in some app.";
        var held = whose != Whose.Own ? null : requirement.Where == In.Organization ? caller.InOrganization : caller.InOrganization == Role.Admin ? Role.Admin : caller.InApp;
        return held is null ? requirement.Where == In.Organization ? "404 organization-missing: There is no such organization." : "404 app-missing: There is no app \"<app_id>\"."
            : held < least ? $"403 role-needed: This needs the role {Name(least)}; yours is {Name(held.Value)}."
            : "";

        static string Name(Role role) => role switch { Role.Viewer => "viewer", Role.Editor => "editor", _ => "admin" };
    }

    [Test]
    public async Task Each_id_within_is_missing_when_it_is_anothers_exactly_as_when_it_does_not_exist()
    {
        var (wrong, asked) = (new List<string>(), 0);
        foreach (var route in _routes.Where(r => r.Requirement is not null))
            foreach (var id in route.Nested)
            {
                var caller = (await CallersOf(route)).Last(c => Expected(route.Requirement!, c, Whose.Own).Length == 0);
                var own = await Ids(route, caller, Whose.Own, Whose.Own);
                var others = new Dictionary<string, string>(own) { [id] = await Value(id, caller, Whose.Others) };
                var nobodys = new Dictionary<string, string>(own) { [id] = await Value(id, caller, Whose.Nobodys) };
                var (theirs, none) = (await Ask(caller, route, route.Address(others), others), await Ask(caller, route, route.Address(nobodys), nobodys));
                if (theirs != none || theirs.Status != 404 || theirs.Code.Length == 0)
                    wrong.Add($"{route}, {id}: {theirs} for another's, {none} for what does not exist");
                asked++;
            }
        Assert.That(wrong, Is.Empty);
        Assert.That(asked, Is.GreaterThanOrEqualTo(8));
    }

    [Test]
    public async Task What_is_anothers_cannot_be_smuggled_past_the_gate()
    {
        var admin = _callers.Single(c => c.Name == "admin");
        var (wrong, asked) = (new List<string>(), 0);
        foreach (var route in _routes.Where(r => r.Scope is not null))
        {
            var own = await Ids(route, admin, Whose.Own, Whose.Own);
            var others = await Ids(route, admin, Whose.Others, Whose.Own);
            var (mine, theirs) = ($"{route.Scope}={own[route.Scope!]}", $"{route.Scope}={others[route.Scope!]}");
            switch (route.ScopeIs)
            {
                case Named.InRoute:
                    await Refuse(404, $"{route.Address(others)}?{mine}", own);
                    break;
                case Named.InBody:
                    await Refuse(404, $"{route.Address(own)}?{mine}", others);
                    if (route.Scope == "app_id")
                        await Refuse(404, $"{route.Address(own)}?{theirs}", own);
                    break;
                default:
                    await Refuse(400, $"{route.Address(own)}&{theirs}", own);
                    await Refuse(400, $"{route.Address(others)}&{mine}", own);
                    await Refuse(400, $"{route.Address(own)}&{theirs.ToUpperInvariant()}", own);
                    break;
            }

            async Task Refuse(int status, string address, IReadOnlyDictionary<string, string> body)
            {
                asked++;
                if (await Ask(admin, route, address, body) is var answer && answer.Status != status)
                    wrong.Add($"{route} at {address}: {answer}");
            }
        }
        Assert.That(wrong, Is.Empty);
        Assert.That(asked, Is.GreaterThan(10));
    }

    /// <summary>All of them where a role is asked for; where sign-in is enough, somebody new, since the endpoint may end the session.</summary>
    private async Task<IReadOnlyList<Caller>> CallersOf(Route route) =>
        route.Requirement is { Role: null, Administrator: false } ? [_callers[0], await SignedIn($"for-{Guid.CreateVersion7():N}")] : _callers;

    private async Task<Caller> SignedIn(string name, Role? inOrganization = null, Role? inApp = null, bool administrator = false)
    {
        var person = await Person.Make(World, name, administrator);
        if (inOrganization is { } role)
            await _own.Join(person, role);
        if (inApp is { } another)
            await _own.Give(person, World.App, another);
        return new Caller(name, person, await person.SignIn(_host), inOrganization, inApp ?? inOrganization, administrator);
    }

    private async Task<Dictionary<string, string>> Ids(Route route, Caller caller, Whose scope, Whose nested)
    {
        var ids = new Dictionary<string, string>();
        foreach (var id in route.Scope is { } named ? route.Ids.Append(named).Distinct() : route.Ids)
            ids[id] = await Value(id, caller, id == route.Scope ? scope : nested);
        return ids;
    }

    /// <summary>An id of its kind; what can be used up is made for this request.</summary>
    private async Task<string> Value(string id, Caller caller, Whose whose)
    {
        var team = whose == Whose.Own ? _own : _other;
        return id switch
        {
            "app_id" => whose switch { Whose.Own => World.App, Whose.Others => OtherApp, _ => "nobodys" },
            "organization_id" => (whose == Whose.Nobodys ? Guid.CreateVersion7() : team.Id).ToString(),
            _ when whose == Whose.Nobodys => Guid.CreateVersion7().ToString(),
            "user_id" => (await Member(team)).Id.ToString(),
            "invitation_id" => (await team.Invite()).ToString(),
            "id" or "key_id" => (await _host.AddKey(whose == Whose.Own ? World.App : OtherApp)).Id.ToString(),
            "letter_id" => (await Letter(whose == Whose.Own ? World.App : OtherApp)).ToString(),
            "job" => whose == Whose.Own ? "inbox-cleanup" : "theirs",
            "run_id" => (whose == Whose.Own ? await Run() : Guid.CreateVersion7()).ToString(),
            "session_id" => (await Session(whose == Whose.Own && caller.Person is { } self ? self : await Person.Make(World))).ToString(),
            _ => throw new AssertionException($"The walk does not know what {{{id}}} is: tell AccessTests.Value how to make one."),
        };
    }

    private async Task<Person> Member(Team team)
    {
        var person = await Person.Make(World);
        await team.Join(person, Role.Viewer);
        return person;
    }

    private async Task<Guid> Letter(string app)
    {
        var id = Guid.CreateVersion7();
        await World.Execute($"insert into dead_letters (id, message_id, app_id, events, reason, body, counts) values ('{id}', '{id}', '{app}', 1, 'for the walk', '\\x00', '')");
        return id;
    }

    private async Task<Guid> Run()
    {
        var id = Guid.CreateVersion7();
        await World.Execute($"insert into job_runs (id, job, caused_by, dry_run, attempt, host, session, state) values ('{id}', 'inbox-cleanup', 'admin', false, 1, 'walk', 0, 'failed')");
        return id;
    }

    private async Task<Guid> Session(Person person)
    {
        var id = Guid.CreateVersion7();
        await World.Execute($"insert into sessions (id, user_id, created_at, last_seen_at, expires_at) values ('{id}', '{person.Id}', now(), now(), now() + interval '1 hour')");
        return id;
    }

    private static async Task<Answer> Ask(Caller caller, Route route, string address, IReadOnlyDictionary<string, string> ids)
    {
        using var request = new HttpRequestMessage(new HttpMethod(route.Method), address);
        if (Bodies.TryGetValue(route.ToString(), out var body))
            request.Content = JsonContent.Create(body(ids));
        else if (route.Body is not null)
        {
            Assert.That(route.ScopeIs == Named.InBody || route.Nested.Count > 0, Is.False, $"AccessTests.Bodies lacks {route}: what is a valid body?");
            request.Content = JsonContent.Create(new { });
        }
        using var answer = await caller.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        foreach (var (id, value) in ids)
            text = text.Replace(value, $"<{id}>", StringComparison.Ordinal);
        if (answer.IsSuccessStatusCode || !text.StartsWith('{'))
            return new Answer((int)answer.StatusCode, "", "");
        var problem = JsonDocument.Parse(text).RootElement;
        string Text(string name) => problem.TryGetProperty(name, out var value) ? value.ToString() : "";
        return new Answer((int)answer.StatusCode, Text("code"), Text("detail"));
    }

    private sealed record Answer(int Status, string Code, string Detail)
    {
        public override string ToString() => $"{Status} {Code}: {Detail}";
    }
}
