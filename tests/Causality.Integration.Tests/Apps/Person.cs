using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using NUnit.Framework;

namespace Causality.Integration.Tests.Apps;

/// <summary>Somebody who is signed in, with a role in the administrator's organization or with one of their own.</summary>
internal sealed class Person : IDisposable
{
    private readonly HttpClient _http;

    private Person(HttpClient http) => _http = http;

    /// <summary>A member of the administrator's organization; without a role, the admin of an organization of their own.</summary>
    public static async Task<Person> Join(World world, HostInside host, string email, string? role)
    {
        await world.Execute($"insert into users (id, email, password_hash, name) select gen_random_uuid(), '{email}', password_hash, '' from users where email = '{World.Email}'");
        if (role is null)
            await world.Execute($"insert into organizations (id, name, created_at) values (gen_random_uuid(), 'of {email}', now())");
        await world.Execute($"""
            insert into members (organization_id, user_id, role, joined_at)
            select o.id, u.id, '{role ?? "admin"}', now() from users u, organizations o
            where u.email = '{email}' and {(role is null ? $"o.name = 'of {email}'" : $"o.id = (select m.organization_id from members m join users a on a.id = m.user_id where a.email = '{World.Email}')")}
            """);
        return await SignIn(host, email);
    }

    public static async Task<Person> SignIn(HostInside host, string email = World.Email)
    {
        var http = new HttpClient { BaseAddress = host.Client.Http.BaseAddress };
        using var answer = await http.PostAsJsonAsync("/api/v1/auth/login", new { email, password = World.Password });
        var token = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), token.ToString());
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("access_token").GetString());
        return new Person(http);
    }

    public Task<Reply> Get(string path) => Send(HttpMethod.Get, path);

    public Task<Reply> Post(string path, object body) => Send(HttpMethod.Post, path, body);

    public Task<Reply> Patch(string path, object body) => Send(HttpMethod.Patch, path, body);

    public Task<Reply> Delete(string path) => Send(HttpMethod.Delete, path);

    /// <summary>The first organization of a person.</summary>
    public static async Task<Guid> OrganizationOf(World world, string email = World.Email) =>
        (Guid)(await world.Scalar($"select m.organization_id from members m join users u on u.id = m.user_id where u.email = '{email}' order by joined_at limit 1"))!;

    public void Dispose() => _http.Dispose();

    private async Task<Reply> Send(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return new Reply(answer.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }
}

internal sealed record Reply(HttpStatusCode Status, JsonElement Body)
{
    public string? Code => Body.TryGetProperty("code", out var code) ? code.GetString() : null;

    public bool Has(string name) => Body.TryGetProperty(name, out _);

    public JsonElement this[string name] => Body.GetProperty(name);

    /// <summary>The body, which must have come with this status.</summary>
    public Reply Must(HttpStatusCode status)
    {
        Assert.That(Status, Is.EqualTo(status), Body.ToString());
        return this;
    }
}
