using System.Text.Json;
using NUnit.Framework;

namespace Causality.Integration.Tests;

/// <summary>The OpenAPI document, from which the page's client is generated.</summary>
[TestFixture]
internal sealed class ApiDocumentTests : OnRealServers
{
    private HostInside _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await World.Start();

    [Test]
    public async Task The_api_document_has_every_route_and_is_what_the_command_prints()
    {
        var served = await _host.Client.Http.GetStringAsync("/openapi.json");
        var paths = JsonDocument.Parse(served).RootElement.GetProperty("paths");
        Assert.That(paths.EnumerateObject().Select(p => p.Name), Is.SupersetOf(new[]
        {
            "/health", "/ready", "/api/v1/auth/login", "/api/v1/auth/logout", "/api/v1/auth/me", "/api/v1/apps", "/api/admin/keys", "/api/admin/keys/{id}",
            "/api/v1/analytics/trends", "/api/v1/analytics/event-types", "/api/v1/catalog/properties", "/api/v1/catalog/properties/values", "/api/v1/catalog/properties/columns", "/api/v1/pipeline/ledger",
        }));

        var (standard, printed) = (Console.Out, new StringWriter());
        Console.SetOut(printed);
        try
        {
            Assert.That(await Host.Serve.PrintOpenApi(), Is.Zero);
        }
        finally
        {
            Console.SetOut(standard);
        }
        Assert.That(printed.ToString().TrimEnd(), Is.EqualTo(served.TrimEnd()));
    }
}
