using System.Net;
using System.Net.Http.Json;
using System.Text.Encodings.Web;
using System.Text.Json;
using Causality.Contracts;
using FluentValidation;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace Causality.Http.Tests;

/// <summary>The shared conventions on a real server, with a sign-in that believes a header.</summary>
[TestFixture]
internal sealed class EdgeTests
{
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddProblems();
        builder.Services.AddAuthorization();
        builder.Services.AddAuthentication("header").AddScheme<AuthenticationSchemeOptions, HeaderSignIn>("header", null);
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.UseRequestId();
        _app.UseProblems();
        _app.UseAuthentication();
        _app.UseAuthorization();
        _app.MapGet("/refused", () => { throw new RefusedException("rule-missing", "There is no such rule.", 404); });
        _app.MapGet("/bug", () => { throw new InvalidOperationException("a secret of the inside"); });
        _app.MapGet("/edit", (Actor actor) => actor.Email).RequireRole(Role.Editor);
        _app.MapPost("/named", (Named named) => named.DisplayName).WithChecks<Named, NamedChecks>();
        await _app.StartAsync();
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        _http = new HttpClient { BaseAddress = new Uri(address) };
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    [Test]
    public async Task A_refusal_is_a_problem_with_its_status_and_code()
    {
        var answer = await _http.GetAsync(new Uri("/refused", UriKind.Relative));
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
        Assert.That(problem.GetProperty("code").GetString(), Is.EqualTo("rule-missing"));
        Assert.That(problem.GetProperty("detail").GetString(), Is.EqualTo("There is no such rule."));
    }

    [Test]
    public async Task A_bug_is_a_problem_that_tells_nothing_of_the_inside()
    {
        var answer = await _http.GetAsync(new Uri("/bug", UriKind.Relative));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Not.Contain("secret"));
    }

    [TestCase(null, HttpStatusCode.Unauthorized)]
    [TestCase("Viewer", HttpStatusCode.Forbidden)]
    [TestCase("Editor", HttpStatusCode.OK)]
    [TestCase("Admin", HttpStatusCode.OK)]
    public async Task A_role_may_do_what_lesser_roles_may(string? role, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/edit");
        if (role is not null)
            request.Headers.Add("X-Role", role);
        Assert.That((await _http.SendAsync(request)).StatusCode, Is.EqualTo(status));
    }

    [Test]
    public async Task What_fails_its_checks_is_named_field_by_field_as_on_the_wire()
    {
        var answer = await _http.PostAsJsonAsync("/named", new { displayName = "", age = -1 });
        var errors = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(errors.EnumerateObject().Select(e => e.Name), Is.EquivalentTo(new[] { "display_name", "age" }));
        Assert.That(await (await _http.PostAsJsonAsync("/named", new { displayName = "Ada", age = 1 })).Content.ReadAsStringAsync(), Does.Contain("Ada"));
    }

    [TestCase("order-17", true)]
    [TestCase("two words", true)]
    [TestCase("t\tab", false)]
    public async Task A_request_id_comes_back_when_it_is_fit_and_is_made_otherwise(string sent, bool kept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/refused");
        request.Headers.TryAddWithoutValidation("X-Request-ID", sent);
        var echoed = (await _http.SendAsync(request)).Headers.GetValues("X-Request-ID").Single();
        Assert.That(kept ? echoed == sent : Guid.TryParse(echoed, out _), echoed);
    }

    [Test]
    public async Task A_request_id_that_is_too_long_is_replaced()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/edit");
        request.Headers.Add("X-Request-ID", new string('x', 129));
        Assert.That((await _http.SendAsync(request)).Headers.GetValues("X-Request-ID").Single(), Has.Length.EqualTo(36));
    }

    private sealed record Named(string? DisplayName, int Age);

    private sealed class NamedChecks : AbstractValidator<Named>
    {
        public NamedChecks()
        {
            RuleFor(n => n.DisplayName).NotEmpty();
            RuleFor(n => n.Age).GreaterThan(0);
        }
    }

    private sealed class HeaderSignIn(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
            Enum.TryParse<Role>(Request.Headers["X-Role"], out var role)
                ? AuthenticateResult.Success(new AuthenticationTicket(new Actor(Guid.CreateVersion7(), "ada@example.org", role).ToPrincipal("header"), "header"))
                : AuthenticateResult.NoResult());
    }
}
