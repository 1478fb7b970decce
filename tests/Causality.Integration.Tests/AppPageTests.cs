using System.Net;
using NUnit.Framework;

namespace Causality.Integration.Tests;

/// <summary>The built app as the host serves it.</summary>
[TestFixture]
internal sealed class AppPageTests : OnRealServers
{
    private const string Page = "<!doctype html><title>Causality</title>", Script = "export {}";

    private HostInside _host = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        var folder = Path.Combine(World.Data, "app");
        Directory.CreateDirectory(Path.Combine(folder, "assets"));
        await File.WriteAllTextAsync(Path.Combine(folder, "index.html"), Page);
        await File.WriteAllTextAsync(Path.Combine(folder, "assets", "index-1a2b3c.js"), Script);
        await File.WriteAllTextAsync(Path.Combine(folder, "favicon.svg"), "<svg/>");
        _host = await World.Start("gateway", app: folder);
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [TestCase("/app")]
    [TestCase("/app/")]
    [TestCase("/app/index.html")]
    [TestCase("/app/trends?app=shop")]
    [TestCase("/app/some/other/page")]
    public async Task Every_path_of_the_app_is_its_page_under_a_strict_policy_and_not_cached(string path)
    {
        using var answer = await _host.Client.Http.GetAsync(path);
        Assert.That((answer.StatusCode, await answer.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.OK, Page)));
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/html"));
        Assert.That(answer.Headers.CacheControl?.NoStore, Is.True);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.That(policy, Does.Contain("default-src 'self'").And.Contain("object-src 'none'").And.Contain("frame-ancestors 'none'").And.Not.Contain("unsafe-eval").And.Not.Contain("script-src"));
        Assert.That(answer.Headers.GetValues("X-Content-Type-Options").Single(), Is.EqualTo("nosniff"));
    }

    [Test]
    public async Task Hashed_assets_are_cached_for_a_year_and_other_files_are_not()
    {
        using var asset = await _host.Client.Http.GetAsync("/app/assets/index-1a2b3c.js");
        Assert.That((asset.StatusCode, await asset.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.OK, Script)));
        Assert.That(asset.Headers.CacheControl?.MaxAge, Is.EqualTo(TimeSpan.FromDays(365)));
        Assert.That(asset.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/javascript"));
        using var icon = await _host.Client.Http.GetAsync("/app/favicon.svg");
        Assert.That((icon.StatusCode, icon.Headers.CacheControl?.NoStore), Is.EqualTo((HttpStatusCode.OK, (bool?)true)));
    }

    [TestCase("/app/assets/gone-0.js", HttpStatusCode.NotFound)]
    [TestCase("/app/%2e%2e/Causality.Host.dll", HttpStatusCode.NotFound)]
    [TestCase("/nowhere", HttpStatusCode.NotFound)]
    [TestCase("/v1/events/ingest", HttpStatusCode.MethodNotAllowed)]
    public async Task What_is_not_there_is_not_the_page(string path, HttpStatusCode expected)
    {
        using var answer = await _host.Client.Http.GetAsync(path);
        Assert.That(answer.StatusCode, Is.EqualTo(expected));
        Assert.That(await answer.Content.ReadAsStringAsync(), Is.Not.EqualTo(Page));
    }

    [Test]
    public async Task The_root_leads_to_the_app()
    {
        using var answer = await _host.Client.Http.GetAsync("/");
        Assert.That((answer.StatusCode, answer.Headers.Location?.ToString()), Is.EqualTo((HttpStatusCode.Redirect, "/app/")));
    }
}
