using System.Net;
using Causality.EventStore.Schema;
using Causality.EventStore.Streams;
using Causality.Host;
using Causality.Ingest.ApiKeys;
using Causality.Ingest.Apps;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;

namespace Causality.Integration.Tests.Apps;

/// <summary>An installation of before apps and keys had a history, and what a start makes of it.</summary>
[TestFixture]
internal sealed class AdoptionTests : OnRealServers
{
    private const string Old = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210", Revoked = "00000000000000000000000000000000fedcba9876543210fedcba9876543210";

    private const string Early = "1111111111111111111111111111111111111111111111111111111111111111";

    private HostInside[] _hosts = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        await new Migrator(World.Database, Commands.Modules).Migrate(CancellationToken.None);
        await World.Execute($"""
            insert into apps (id, name, time_zone, created_at) values ('old', 'Old shop', 'Asia/Tokyo', '2025-01-02');
            insert into api_keys (id, app_id, name, key_hash, prefix, created_at, revoked_at, events_per_second) values
                (gen_random_uuid(), 'old', 'phone', sha256('{Old}'), 'fedcba98', '2025-01-03', null, 500),
                (gen_random_uuid(), 'old', 'lost', sha256('{Revoked}'), '00000000', '2025-01-04', '2025-02-01', null);
            """);
        // several at once, as a cluster starts
        _hosts = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => World.Start("gateway", ready: false)));
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        foreach (var host in _hosts ?? [])
            await host.DisposeAsync();
    }

    [Test, Order(1)]
    public async Task What_was_there_has_a_history_once_and_belongs_to_the_first_organization()
    {
        Assert.That(await Facts(), Is.EqualTo(new[] { "api-key-adopted lost", "api-key-adopted phone", "api-key-created first", "app-adopted Old shop", "app-created shop" }));
        Assert.That(await World.Scalar("select string_agg(distinct actor, ',') from facts where name like 'a%-adopted'"), Is.EqualTo("system:start"));
        Assert.That(await World.Scalar("select count(distinct f.tenant) from facts f join organizations o on o.id::text = f.tenant where f.name like 'a%'"), Is.EqualTo(1L));
        using var admin = await Person.SignIn(_hosts[0]);
        var app = (await admin.Get("/api/v1/apps/old")).Must(HttpStatusCode.OK);
        Assert.That((app["name"].GetString(), app["time_zone"].GetString(), app["version"].GetInt64(), app["created_at"].GetDateTimeOffset().Year), Is.EqualTo(("Old shop", "Asia/Tokyo", 1, 2025)));
        var keys = (await admin.Get("/api/v1/apps/old/keys")).Must(HttpStatusCode.OK).Body.EnumerateArray().Select(k => $"{k.GetProperty("name")} {k.GetProperty("state")}");
        Assert.That(keys, Is.EqualTo(new[] { "phone active", "lost revoked" }));
    }

    [Test, Order(2)]
    public async Task Keys_go_on_as_they_were_and_a_revoked_one_stays_revoked()
    {
        Assert.That(await Send(Old), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await Send(Revoked), Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test, Order(3)]
    public async Task Another_start_adds_nothing()
    {
        var before = await Facts();
        await World.Start("gateway");
        Assert.That(await Facts(), Is.EqualTo(before));
        Assert.That(await Send(Revoked), Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test, Order(4)]
    public async Task What_was_adopted_can_be_changed_rotated_and_revoked()
    {
        using var admin = await Person.SignIn(_hosts[0]);
        Assert.That((await admin.Patch("/api/v1/apps/old", new { version = 1, name = "New shop" })).Must(HttpStatusCode.OK)["version"].GetInt64(), Is.EqualTo(2));
        var phone = (Guid)(await World.Scalar("select id from api_keys where name = 'phone'"))!;
        var successor = (await admin.Post($"/api/v1/apps/old/keys/{phone}/rotate", new { })).Must(HttpStatusCode.Created);
        Assert.That(await World.Count($"select events_per_second from api_keys where id = '{successor["id"].GetGuid()}'"), Is.EqualTo(500));
        (await admin.Delete($"/api/admin/keys/{phone}")).Must(HttpStatusCode.OK);
    }

    [Test, Order(5)]
    public async Task What_was_made_before_there_was_an_organization_belongs_to_the_first_after_the_next_start()
    {
        await _hosts[0].Services.GetRequiredService<AppSetup>().EnsureKey("early", null, Early, "first", new ApiKeyLimits(null, null), new FactOrigin("system:start"), CancellationToken.None);
        Assert.That(await Send(Early), Is.EqualTo(HttpStatusCode.OK), "its events are taken all the same");
        using var admin = await Person.SignIn(_hosts[0]);
        (await admin.Get("/api/v1/apps/early")).Must(HttpStatusCode.NotFound);
        await World.Start("gateway");
        Assert.That((await admin.Get("/api/v1/apps/early")).Must(HttpStatusCode.OK)["version"].GetInt64(), Is.EqualTo(2));
    }

    private async Task<string[]> Facts() => (string[])(await World.Scalar(
        "select coalesce(array_agg(name || ' ' || (data #>> '{after,name}') order by name, data #>> '{after,name}'), '{}') from facts where name like 'app-%' or name like 'api-key-%'"))!;

    private async Task<HttpStatusCode> Send(string key)
    {
        using var answer = await _hosts[0].Client.Post(Sent.Some(1, DateTimeOffset.UtcNow), key);
        return answer.StatusCode;
    }
}
