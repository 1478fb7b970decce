using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using NUnit.Framework;

namespace Causality.Integration.Tests;

/// <summary>The life of an API key, over HTTP.</summary>
[TestFixture]
internal sealed class ApiKeyTests : OnRealServers
{
    private HostInside _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await World.Start();

    [Test]
    public async Task A_key_is_made_shown_once_used_listed_and_revoked()
    {
        await _host.Client.SignIn();
        var http = _host.Client.Http;
        using var created = await http.PostAsJsonAsync("/api/admin/keys", new { app_id = World.App, name = "phone" });
        var made = await created.Content.ReadFromJsonAsync<JsonElement>();
        var (id, key) = (made.GetProperty("id").GetGuid(), made.GetProperty("key").GetString()!);
        Assert.That(key, Does.StartWith("cak_"));
        using var sent = await _host.Client.Post(Sent.Some(1, DateTimeOffset.UtcNow), key);
        Assert.That(sent.StatusCode, Is.EqualTo(HttpStatusCode.OK));

        using var revoked = await http.DeleteAsync($"/api/admin/keys/{id}");
        Assert.That(await revoked.Content.ReadAsStringAsync(), Is.EqualTo($$"""{"status":"revoked","id":"{{id}}"}"""));
        var list = await http.GetStringAsync($"/api/admin/keys?app_id={World.App}");
        Assert.That(list, Does.Not.Contain(key));
        var keys = JsonDocument.Parse(list).RootElement;
        Assert.That(keys.GetProperty("count").GetInt32(), Is.EqualTo(keys.GetProperty("keys").GetArrayLength()));
        var listed = keys.GetProperty("keys").EnumerateArray().Single(k => k.GetProperty("id").GetGuid() == id);
        Assert.That((listed.GetProperty("name").GetString(), listed.GetProperty("revoked").GetBoolean(), listed.TryGetProperty("revoked_at", out _)), Is.EqualTo(("phone", true, true)));

        using var nowhere = await http.PostAsJsonAsync("/api/admin/keys", new { app_id = "no-such-app", name = "phone" });
        using var nameless = await http.PostAsJsonAsync("/api/admin/keys", new { app_id = "not a path", name = "" });
        Assert.That((nowhere.StatusCode, nameless.StatusCode), Is.EqualTo((HttpStatusCode.NotFound, HttpStatusCode.BadRequest)));
    }
}
