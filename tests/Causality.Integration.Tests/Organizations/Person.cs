using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace Causality.Integration.Tests.Organizations;

/// <summary>Somebody who has an account with <see cref="World.Password"/>.</summary>
internal sealed record Person(Guid Id, string Email)
{
    // few iterations, which the hash itself names: many people sign in
    private static readonly string Hash = new PasswordHasher<Person>(Options.Create(new PasswordHasherOptions { IterationCount = 1 })).HashPassword(new(Guid.Empty, ""), World.Password);

    private static int s_addresses;

    public static async Task<Person> Make(World world, string name, bool administrator = false)
    {
        var person = new Person(Guid.CreateVersion7(), $"{name}@example.com");
        await using var insert = world.Database.CreateCommand("insert into users (id, email, name, password_hash, administrator) values ($1, $2, $3, $4, $5)");
        insert.Parameters.AddWithValue(person.Id);
        insert.Parameters.AddWithValue(person.Email);
        insert.Parameters.AddWithValue(name);
        insert.Parameters.AddWithValue(Hash);
        insert.Parameters.AddWithValue(administrator);
        await insert.ExecuteNonQueryAsync();
        return person;
    }

    /// <summary>A person whom no other test knows.</summary>
    public static Task<Person> Make(World world) => Make(world, $"p-{Guid.CreateVersion7():N}");

    /// <summary>HTTP with this person's token, from a network address of its own, so that limits by address are those of one person.</summary>
    public async Task<HttpClient> SignIn(HostInside host)
    {
        var number = Interlocked.Increment(ref s_addresses);
        var own = new IPAddress([127, 1, (byte)(number >> 8), (byte)number]);
#pragma warning disable CA2000 // the client owns it
        var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectCallback = async (context, ct) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(own, 0));
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        }) { BaseAddress = host.Client.Http.BaseAddress };
#pragma warning restore CA2000
        using var answer = await http.PostAsJsonAsync("/api/v1/auth/login", new { email = Email, password = World.Password });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), Email);
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return http;
    }
}
