using System.Net;
using System.Text.Json;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Apps;

/// <summary>The life of API keys, over HTTP and on two hosts.</summary>
[TestFixture]
internal sealed class KeyTests : OnRealServers
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(5);

    private HostInside _host = null!, _other = null!;
    private Person _admin = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start();
        _other = await World.Start("gateway");
        _admin = await Person.SignIn(_host);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _admin?.Dispose();
        await _other.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Test]
    public async Task A_key_is_shown_once_and_nothing_keeps_it()
    {
        var made = await Create("phone");
        var (id, key) = (made["id"].GetGuid(), made["key"].GetString()!);
        Assert.That(key, Does.StartWith("cak_").And.StartWith(made["prefix"].GetString()!));
        Assert.That((await List()).ToString(), Does.Not.Contain(key).And.Contain(id.ToString()));
        Assert.That(await World.Count($"select count(*) from facts where data::text like '%{key}%'"), Is.Zero);
        Assert.That(await World.Scalar($"select count(*) || ' ' || min(actor_name) from facts where stream = 'api-key/{id}' and name = 'api-key-created'"), Is.EqualTo($"1 {World.Email}"));
        var row = await Row(id);
        Assert.That((row.GetProperty("state").GetString(), row.GetProperty("created_by").GetString()), Is.EqualTo(("active", World.Email)));
    }

    [Test]
    public async Task A_revoked_key_stops_within_5_seconds_on_every_host()
    {
        var made = await Create("short-lived");
        var (id, key) = (made["id"].GetGuid(), made["key"].GetString()!);
        Assert.That((await Send(_host, key), await Send(_other, key)), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));

        var revoked = await _admin.Delete($"{Keys}/{id}");
        Assert.That(revoked.Body.GetRawText(), Is.EqualTo($$"""{"status":"revoked","id":"{{id}}"}"""));
        await Task.WhenAll(new[] { _host, _other }.Select(host => Eventually(() => Send(host, key), Is.EqualTo(HttpStatusCode.Unauthorized), Promised)));
        Assert.That((await _admin.Delete($"{Keys}/{id}")).Must(HttpStatusCode.OK).Body.GetRawText(), Is.EqualTo(revoked.Body.GetRawText()), "twice is no error");
        Assert.That(await World.Count($"select count(*) from facts where stream = 'api-key/{id}' and name = 'api-key-revoked'"), Is.EqualTo(1));
        Assert.That((await Row(id)).GetProperty("state").GetString(), Is.EqualTo("revoked"));
    }

    [Test]
    public async Task A_key_that_many_revoke_at_once_is_revoked_once()
    {
        var id = (await Create("crowded"))["id"].GetGuid();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _admin.Delete($"{Keys}/{id}")));
        Assert.That(answers.Select(a => a.Status), Is.All.EqualTo(HttpStatusCode.OK));
        Assert.That(await World.Count($"select count(*) from facts where stream = 'api-key/{id}' and name = 'api-key-revoked'"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_key_stops_at_its_time_on_every_host()
    {
        var end = DateTimeOffset.UtcNow.AddSeconds(3);
        var made = (await _admin.Post(Keys, new { name = "for a moment", expires_at = end })).Must(HttpStatusCode.Created);
        var key = made["key"].GetString()!;
        Assert.That((await Send(_host, key), await Send(_other, key)), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
        Assert.That((await Row(made["id"].GetGuid())).GetProperty("state").GetString(), Is.EqualTo("expiring"));
        var left = end - DateTimeOffset.UtcNow + Promised;
        await Task.WhenAll(new[] { _host, _other }.Select(host => Eventually(() => Send(host, key), Is.EqualTo(HttpStatusCode.Unauthorized), left)));
        Assert.That(DateTimeOffset.UtcNow, Is.GreaterThanOrEqualTo(end), "and not before it");
        Assert.That((await Row(made["id"].GetGuid())).GetProperty("state").GetString(), Is.EqualTo("expired"));
    }

    [Test]
    public async Task A_rotated_key_and_its_successor_overlap()
    {
        var old = await Create("rotating");
        var now = DateTimeOffset.UtcNow;
        var made = (await _admin.Post($"{Keys}/{old["id"].GetGuid()}/rotate", new { })).Must(HttpStatusCode.Created);
        Assert.That((made["name"].GetString(), made.Has("expires_at")), Is.EqualTo(("rotating", false)));
        Assert.That((await Send(_host, old["key"].GetString()!), await Send(_host, made["key"].GetString()!)), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
        var row = await Row(old["id"].GetGuid());
        Assert.That((row.GetProperty("state").GetString(), row.GetProperty("replaced_by").GetGuid()), Is.EqualTo(("expiring", made["id"].GetGuid())));
        Assert.That(row.GetProperty("expires_at").GetDateTimeOffset(), Is.EqualTo(now.AddHours(24)).Within(TimeSpan.FromMinutes(1)));

        var again = await _admin.Post($"{Keys}/{old["id"].GetGuid()}/rotate", new { });
        Assert.That((again.Status, again.Code), Is.EqualTo((HttpStatusCode.Conflict, "api-key-rotated")));
    }

    [Test]
    public async Task Rotated_without_overlap_the_old_key_stops_at_once()
    {
        var old = await Create("leaked");
        Assert.That(await Send(_other, old["key"].GetString()!), Is.EqualTo(HttpStatusCode.OK));
        var made = (await _admin.Post($"{Keys}/{old["id"].GetGuid()}/rotate", new { overlap_hours = 0 })).Must(HttpStatusCode.Created);
        await Eventually(() => Send(_other, old["key"].GetString()!), Is.EqualTo(HttpStatusCode.Unauthorized), Promised);
        Assert.That(await Send(_other, made["key"].GetString()!), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Of_many_who_rotate_one_key_at_once_one_gets_the_successor()
    {
        var id = (await Create("contested"))["id"].GetGuid();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _admin.Post($"{Keys}/{id}/rotate", new { overlap_hours = 1 })));
        Assert.That(answers.Count(a => a.Status == HttpStatusCode.Created), Is.EqualTo(1));
        Assert.That(answers.Where(a => a.Status != HttpStatusCode.Created).Select(a => a.Code), Is.All.EqualTo("api-key-rotated"));
        Assert.That(await World.Count("select count(*) from api_keys where name = 'contested'"), Is.EqualTo(2), "nothing is left of those that lost");
    }

    [Test]
    public async Task Last_use_is_kept_within_a_minute_without_a_fact()
    {
        var made = await Create("used");
        var id = made["id"].GetGuid();
        Assert.That((await Row(id)).TryGetProperty("last_used_at", out _), Is.False);
        var from = DateTimeOffset.UtcNow;
        Assert.That(await Send(_other, made["key"].GetString()!), Is.EqualTo(HttpStatusCode.OK));
        await Eventually(async () => (await Row(id)).TryGetProperty("last_used_at", out _), Is.True, TimeSpan.FromMinutes(1));
        Assert.That((await Row(id)).GetProperty("last_used_at").GetDateTimeOffset(), Is.EqualTo(from).Within(TimeSpan.FromSeconds(30)));
        Assert.That(await World.Scalar($"select version || ' ' || (select count(*) from facts where stream = 'api-key/{id}') from api_keys where id = '{id}'"), Is.EqualTo("1 1"));
    }

    [TestCase("-00:00:01")]
    [TestCase("3660.00:00:00")]
    public async Task An_end_must_be_in_the_future_and_within_ten_years(string from)
    {
        var refused = (await _admin.Post(Keys, new { name = "", expires_at = DateTimeOffset.UtcNow + TimeSpan.Parse(from, System.Globalization.CultureInfo.InvariantCulture) })).Must(HttpStatusCode.BadRequest);
        Assert.That(refused["errors"].EnumerateObject().Select(e => e.Name), Is.EquivalentTo(new[] { "name", "expires_at" }));
    }

    [Test]
    public async Task An_app_has_no_say_over_another_apps_keys()
    {
        var id = (await Create("own"))["id"].GetGuid();
        await _host.AddApp("neighbor");
        using var stranger = await Person.Join(World, _host, "stranger@example.com", role: null);
        foreach (var refused in new[]
        {
            await _admin.Delete($"/api/v1/apps/neighbor/keys/{id}"), await _admin.Post($"/api/v1/apps/neighbor/keys/{id}/rotate", new { }), await _admin.Delete($"{Keys}/{Guid.CreateVersion7()}"),
            await _admin.Delete($"/api/admin/keys/{Guid.CreateVersion7()}"),
        })
            Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.NotFound, "api-key-missing")));
        var own = await Person.OrganizationOf(World, "stranger@example.com");
        (await stranger.Post("/api/v1/apps", new { organization_id = own, id = "strangers", name = "Strangers" })).Must(HttpStatusCode.Created);
        var admin = await stranger.Delete($"/api/admin/keys/{id}");
        Assert.That((admin.Status, admin.Code), Is.EqualTo((HttpStatusCode.NotFound, "api-key-missing")));
        Assert.That((await stranger.Get("/api/admin/keys"))["count"].GetInt32(), Is.Zero);
        Assert.That((await stranger.Get($"/api/admin/keys?app_id={World.App}"))["count"].GetInt32(), Is.Zero);
        Assert.That((await Row(id)).GetProperty("state").GetString(), Is.EqualTo("active"));
        Assert.That((await _admin.Get("/api/admin/keys"))["keys"].EnumerateArray().Select(k => k.GetProperty("id").GetGuid()), Does.Contain(id));
    }

    [Test]
    public async Task What_is_kept_of_an_address_follows_the_apps_policy()
    {
        var key = await _host.AddApp("discreet");
        await Accept(key, "hashed");
        (await _admin.Patch("/api/v1/apps/discreet", new { version = 1, ip_policy = "drop" })).Must(HttpStatusCode.OK);
        await Eventually(async () =>
        {
            await Accept(key, "dropped");
            return World.Lake.Query($"SELECT event_type, ip_hash IS NULL FROM {World.Lake.Events} WHERE app_id = 'discreet' GROUP BY ALL ORDER BY ALL").Select(r => $"{r[0]} {r[1]}");
        }, Is.SupersetOf(new[] { "dropped True", "hashed False" }));
    }

    private static string Keys => $"/api/v1/apps/{World.App}/keys";

    private async Task<Reply> Create(string name) => (await _admin.Post(Keys, new { name })).Must(HttpStatusCode.Created);

    private async Task<JsonElement> List() => (await _admin.Get(Keys)).Must(HttpStatusCode.OK).Body;

    private async Task<JsonElement> Row(Guid id) => (await List()).EnumerateArray().Single(k => k.GetProperty("id").GetGuid() == id);

    private async Task Accept(string key, string type)
    {
        using var answer = await _host.Client.Post([new Sent(Guid.CreateVersion7().ToString("N"), DateTimeOffset.UtcNow, type)], key);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    private static async Task<HttpStatusCode> Send(HostInside host, string key)
    {
        using var answer = await host.Client.Post(Sent.Some(1, DateTimeOffset.UtcNow), key);
        return answer.StatusCode;
    }
}
