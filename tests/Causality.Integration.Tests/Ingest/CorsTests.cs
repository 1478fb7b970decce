using System.Net;
using Causality.Integration.Tests.Apps;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.Ingest;

/// <summary>An app's list of origins, from its settings to what a browser is answered.</summary>
[TestFixture]
internal sealed class CorsTests : OnRealServers
{
    private HostInside _host = null!;
    private string _key = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await World.Start("gateway");
        _key = await _host.AddApp("pages");
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task What_an_admin_lists_holds_within_5_seconds_and_keeps_other_pages_out()
    {
        Assert.That((await Send("https://evil.test")).Status, Is.EqualTo(HttpStatusCode.OK), "without a list every page may send");

        using var admin = await Person.SignIn(_host);
        (await admin.Patch("/api/v1/apps/pages", new { version = 1, allowed_origins = new[] { "https://*.example.com" } })).Must(HttpStatusCode.OK);

        await Eventually(async () => (await Send("https://evil.test")).Status, Is.EqualTo(HttpStatusCode.Forbidden), TimeSpan.FromSeconds(5));
        var refused = await Send("https://evil.test");
        Assert.That((refused.AllowOrigin, refused.Body), Is.EqualTo(("", """{"error":"the origin of this page is not among the allowed_origins of its app"}""")));
        Assert.That(await Send("https://shop.example.com"), Is.EqualTo((HttpStatusCode.OK, "https://shop.example.com", """{"acceptedCount":1,"results":[{"eventId":"e","status":"accepted"}]}""")));
        Assert.That((await Send(null)).Status, Is.EqualTo(HttpStatusCode.OK), "a server has no origin");
    }

    private async Task<(HttpStatusCode Status, string AllowOrigin, string Body)> Send(string? origin)
    {
        using var answer = await _host.Client.Post("/v1/events/batch", """{"events":[{"id":"e","deviceId":"d","timestampMs":1780000000000,"appStart":{}}]}"""u8.ToArray(), "application/json", _key,
            request => request.Headers.TryAddWithoutValidation("Origin", origin));
        Assert.That(answer.Headers.Vary, Is.EqualTo(new[] { "Origin" }));
        return (answer.StatusCode, answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? string.Join(',', allowed) : "", await answer.Content.ReadAsStringAsync());
    }
}
