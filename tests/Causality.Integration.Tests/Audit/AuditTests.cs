using System.Net;
using System.Text.Json;
using Causality.EventStore;
using Causality.EventStore.Streams;
using Causality.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NUnit.Framework;

namespace Causality.Integration.Tests.Audit;

/// <summary>The audit log over HTTP: what is kept, who reads it, and that it stays as it is.</summary>
[TestFixture]
internal sealed class AuditTests : OnRealServers
{
    public sealed record Renamed(Names Before, Names After);

    public sealed record Names(string Name);

    private HostInside _host = null!;
    private Guid _organization;

    private string Log => $"/api/v1/organizations/{_organization}/audit";

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start("gateway", services => services.AddFacts(facts => facts.Add<Renamed>("test-renamed")));
        await _host.Client.SignIn();
        _organization = (Guid)(await World.Scalar("select id from organizations"))!;
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task A_change_is_kept_with_who_did_it_from_where_and_what_was_before()
    {
        await Rename("one", new FactOrigin("7", "bob@example.com", _organization.ToString(), "request-17", Address: "192.0.2.1"));
        var entry = (await Entries("?subject=test/one")).Single();
        Assert.That(entry.GetRawText(), Does.EndWith(
            """
            "actor":{"id":"7","email":"bob@example.com"},"action":"test-renamed","subject":"test/one","changes":[{"field":"name","old":"a","new":"b"}],"address":"192.0.2.1","request_id":"request-17"}
            """.Trim()));
    }

    [Test]
    public async Task What_is_of_another_organization_is_not_there()
    {
        await Rename("others", new FactOrigin("7", "eve@example.com", Guid.CreateVersion7().ToString()));
        await Rename("nobodys", new FactOrigin("system:test"));
        Assert.That(await Entries("?actor=eve@"), Is.Empty);
        Assert.That(await Entries("?subject=test/nobodys"), Is.Empty);
        Assert.That((await Entries("?subject=test/", "/api/v1/audit")).Select(e => e.GetProperty("subject").GetString()), Is.EqualTo(new[] { "test/nobodys" }));
    }

    [Test]
    public async Task What_a_member_did_alone_is_there_since_they_joined()
    {
        foreach (var (action, age) in new[] { ("test-before", "1 day"), ("test-since", "0 s") })
            await World.Execute($"insert into audit_log (id, at, actor_id, action, subject) select gen_random_uuid(), now() - interval '{age}', id::text, '{action}', 'account/x' from users");
        Assert.That((await Entries("?subject=account/x")).Select(e => e.GetProperty("action").GetString()), Is.EqualTo(new[] { "test-since" }));
    }

    [Test]
    public async Task Reading_on_gives_each_entry_once_the_newest_first()
    {
        foreach (var n in Enumerable.Range(0, 23))
            await Rename($"page-{n}", new FactOrigin("7", "page@example.com", _organization.ToString()));
        var (seen, next) = (new List<string>(), (string?)"");
        while (next is not null)
        {
            var page = await _host.Client.Get($"{Log}?actor=page@&limit=5&before={next}");
            seen.AddRange(page.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("subject").GetString()!));
            next = page.TryGetProperty("next", out var cursor) ? cursor.GetString() : null;
        }
        Assert.That(seen, Is.EqualTo(Enumerable.Range(0, 23).Reverse().Select(n => $"test/page-{n}")));
    }

    [Test]
    public async Task The_actions_to_filter_by_are_those_of_the_organization_and_of_its_members_since_they_joined_each_once()
    {
        var member = await Organizations.Person.Make(World);
        var team = await Organizations.Team.Found(_host, "Brewery", await Organizations.Person.Make(World));
        await team.Join(member, Causality.Http.Role.Admin);
        using var http = await member.SignIn(_host);
        await World.Execute($"""
            insert into audit_log (id, at, organization_id, actor_id, action, subject)
            select gen_random_uuid(), now() + e.age, e.organization, e.actor, e.action, e.subject from (values
                ('{team.Id}'::uuid, '0 s'::interval, null, 'test-own', 'actions/1'), ('{team.Id}', '0 s', null, 'test-own', 'actions/2'), ('{Guid.CreateVersion7()}', '0 s', null, 'test-of-others', 'actions/1'),
                (null, '0 s', '{member.Id}', 'test-by-member', 'actions/1'), (null, '0 s', null, 'test-to-member', 'account/{member.Email}'),
                (null, '-1 day', '{member.Id}', 'test-before-joining', 'actions/1'), (null, '0 s', 'stranger', 'test-by-stranger', 'actions/1')) as e (organization, age, actor, action, subject)
            """);
        using var answer = JsonDocument.Parse(await http.GetStringAsync($"/api/v1/organizations/{team.Id}/audit?limit=1"));
        var actions = answer.RootElement.GetProperty("actions").EnumerateArray().Select(a => a.GetString()!).ToList();
        Assert.That(actions, Is.Ordered.And.Unique.And.SupersetOf(new[] { "organization-created", "member-joined", "signed-in" }));
        Assert.That(actions.Where(a => a.StartsWith("test-", StringComparison.Ordinal)), Is.EqualTo(new[] { "test-by-member", "test-own", "test-to-member" }));
        Assert.That((await _host.Client.Get("/api/v1/audit?limit=1")).GetProperty("actions").EnumerateArray().Select(a => a.GetString()), Does.Contain("test-by-stranger").And.Not.Contain("test-own"));
    }

    [TestCase("q=B%40Example", 1)]
    [TestCase("q=nothing-like-it", 0)]
    [TestCase("action=test-renamed", 1)]
    [TestCase("action=test", 0)]
    [TestCase("from=2000-01-01&to=2000-01-02", 0)]
    [TestCase("from=2000-01-01", 1)]
    [TestCase("to=2000-01-01T00:00:00Z", 0)]
    public async Task Filters_must_all_hold(string filter, int expected)
    {
        var subject = $"filter-{Guid.CreateVersion7()}";
        await Rename(subject, new FactOrigin("7", "b@example.com", _organization.ToString()));
        Assert.That(await Entries($"?subject=test/{subject}&{filter}"), Has.Count.EqualTo(expected));
    }

    [TestCase("from=yesterday")]
    [TestCase("before=1")]
    [TestCase("limit=0")]
    [TestCase("limit=201")]
    public async Task A_filter_that_cannot_be_read_is_refused_with_words(string filter)
    {
        using var answer = await _host.Client.Http.GetAsync($"{Log}?{filter}");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("audit-filter-invalid").And.Contain(filter.Split('=')[0]));
    }

    [Test]
    public async Task The_export_has_every_line_and_is_kept_itself()
    {
        await Rename("exported", new FactOrigin("7", "csv@example.com", _organization.ToString()));
        using var answer = await _host.Client.Http.GetAsync($"{Log}.csv?subject=test/exported");
        var lines = (await answer.Content.ReadAsStringAsync()).Split("\r\n");
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/csv"));
        Assert.That(lines, Has.Length.EqualTo(3));
        Assert.That(lines[0], Is.EqualTo("at,actor,action,subject,field,old,new,address,request_id"));
        Assert.That(lines[1], Does.EndWith(",csv@example.com,test-renamed,test/exported,name,a,b,,"));
        var kept = (await Entries("?action=audit-exported")).First();
        Assert.That((kept.GetProperty("actor").GetProperty("email").GetString(), kept.GetProperty("changes").GetRawText()), Is.EqualTo((World.Email, """[{"field":"subject","new":"test/exported"}]""")));
    }

    [Test]
    public async Task A_refusal_is_kept_by_its_route_once_for_a_while()
    {
        var other = Guid.CreateVersion7();
        foreach (var _ in Enumerable.Range(0, 3))
            Assert.That(await _host.Client.Status($"/api/v1/organizations/{other}/audit"), Is.EqualTo(HttpStatusCode.NotFound));
        var refused = await Entries("?action=refused&q=audit");
        Assert.That(refused, Has.Count.EqualTo(1));
        Assert.That(refused[0].GetProperty("subject").GetString(), Is.EqualTo("GET /api/v1/organizations/{organization_id:guid}/audit"));
        Assert.That(refused[0].GetProperty("changes").GetRawText(), Is.EqualTo("""[{"field":"reason","new":"organization-missing"}]"""));
    }

    [Test]
    public async Task Ids_that_are_made_up_do_not_fill_the_log_with_refusals()
    {
        var viewer = await Organizations.Person.Make(World);
        var team = await Organizations.Team.Found(_host, "Bakery", await Organizations.Person.Make(World));
        await team.Join(viewer, Causality.Http.Role.Viewer);
        using var http = await viewer.SignIn(_host);
        foreach (var _ in Enumerable.Range(0, 5))
            using (var answer = await http.DeleteAsync($"/api/v1/organizations/{team.Id}/members/{Guid.CreateVersion7()}"))
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(await World.Count($"select count(*) from audit_log where action = 'refused' and organization_id = '{team.Id}'"), Is.EqualTo(1));
    }

    [TestCase("update audit_log set action = 'nothing'")]
    [TestCase("delete from audit_log")]
    [TestCase("truncate audit_log")]
    [TestCase("delete from facts")]
    public void The_log_and_the_facts_stay_as_they_are(string sql) =>
        Assert.That(async () => await World.Execute(sql), Throws.InstanceOf<PostgresException>().With.Message.Contains("append-only"));

    private Task Rename(string key, FactOrigin origin) =>
        _host.Services.GetRequiredService<IEventStore>().Append(new StreamId("test", key), 0, [new Renamed(new Names("a"), new Names("b"))], origin, CancellationToken.None);

    private async Task<List<JsonElement>> Entries(string query, string? log = null) =>
        [.. (await _host.Client.Get((log ?? Log) + query)).GetProperty("entries").EnumerateArray()];
}
