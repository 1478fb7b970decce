using System.Net;
using System.Net.Http.Json;
using System.Text.Encodings.Web;
using System.Text.Json;
using Causality.Contracts;
using FluentValidation;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
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
    private readonly KnownAccess _access = new();

    [OneTimeSetUp]
    public async Task Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 1000);
        builder.Services.AddProblems();
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddSingleton<IAccess>(_access);
        builder.Services.AddAuthentication("header").AddScheme<AuthenticationSchemeOptions, HeaderSignIn>("header", null);
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.UseRequestId();
        _app.UseProblems();
        _app.UseAuthentication();
        _app.UseRequirements();
        _app.MapGet("/refused", () => { throw new RefusedException("rule-missing", "There is no such rule.", 404); });
        _app.MapGet("/changed", () => { throw new RefusedException("rule-changed", "It was changed.") { Details = { ["changes"] = new[] { "name" }, ["version"] = 3 } }; });
        _app.MapGet("/bug", () => { throw new InvalidOperationException("a secret of the inside"); });
        _app.MapGet("/edit", (Actor actor) => actor.Email).RequireRole(Role.Editor, In.App);
        _app.MapPost("/edit", (OfApp body) => body.AppId).RequireRole(Role.Editor, In.App);
        _app.MapGet("/organizations/{organization_id}", (HttpContext context) => Granted.Of(context).Role.Name()).RequireRole(Role.Editor, In.Organization);
        _app.MapGet("/anywhere", () => "fine").RequireRole(Role.Editor, In.Anywhere);
        _app.MapGet("/mine", (Actor actor) => actor.Email).RequireSignIn();
        _app.MapGet("/installation", () => "fine").RequireAdministrator();
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
    public async Task The_details_of_a_refusal_stand_beside_its_code()
    {
        var problem = JsonDocument.Parse(await (await _http.GetAsync(new Uri("/changed", UriKind.Relative))).Content.ReadAsStringAsync()).RootElement;
        Assert.That((problem.GetProperty("code").GetString(), problem.GetProperty("changes").GetRawText(), problem.GetProperty("version").GetInt32()), Is.EqualTo(("rule-changed", """["name"]""", 3)));
    }

    [Test]
    public async Task A_bug_is_a_problem_that_tells_nothing_of_the_inside()
    {
        var answer = await _http.GetAsync(new Uri("/bug", UriKind.Relative));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Not.Contain("secret"));
    }

    private static readonly string[] Doors = ["/edit?app_id=mine", "/organizations/" + KnownAccess.Mine, "/anywhere", "/mine", "/installation"];

    [TestCase(null, "401 401 401 401 401")]
    [TestCase("ended", "401 401 401 401 401")]
    [TestCase("viewer", "403 403 403 200 403")]
    [TestCase("editor", "200 200 200 200 403")]
    [TestCase("admin", "200 200 200 200 403")]
    [TestCase("stranger", "404 404 403 200 403")]
    [TestCase("administrator", "404 404 403 200 200")]
    public async Task Each_door_opens_to_whom_it_is_for(string? who, string expected)
    {
        var statuses = new List<int>();
        foreach (var door in Doors)
            statuses.Add((int)(await Ask(HttpMethod.Get, door, who)).StatusCode);
        Assert.That(string.Join(' ', statuses), Is.EqualTo(expected));
    }

    [Test]
    public async Task Anothers_app_is_told_as_one_that_does_not_exist()
    {
        var other = await Words("mine", "stranger");
        Assert.That(other, Is.EqualTo("404 app-missing: There is no app \"mine\"."));
        Assert.That((await Words("none", "stranger")).Replace("none", "mine", StringComparison.Ordinal), Is.EqualTo(other));

        async Task<string> Words(string app, string who)
        {
            var answer = await Ask(HttpMethod.Get, $"/edit?app_id={app}", who);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
            return $"{(int)answer.StatusCode} {problem.GetProperty("code").GetString()}: {problem.GetProperty("detail").GetString()}";
        }
    }

    [TestCase("/edit", "mine", 200)]
    [TestCase("/edit", "other", 404)]
    [TestCase("/edit?app_id=mine", "other", 404)]
    [TestCase("/edit?app_id=other", "mine", 404)]
    public async Task What_the_body_names_counts_whatever_the_address_names(string address, string app, int expected) =>
        Assert.That((int)(await Ask(HttpMethod.Post, address, "editor", new { appId = app })).StatusCode, Is.EqualTo(expected));

    [Test]
    public async Task An_address_that_names_no_app_is_told_so()
    {
        var answer = await Ask(HttpMethod.Get, "/edit", "admin");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("app-id-missing"));
    }

    [Test]
    public async Task A_role_that_was_just_given_works_at_once()
    {
        _access.Remembered = "viewer";
        try
        {
            Assert.That((await Ask(HttpMethod.Get, Doors[0], "editor")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
        finally
        {
            _access.Remembered = null;
        }
    }

    private async Task<HttpResponseMessage> Ask(HttpMethod method, string path, string? who, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (who is not null)
            request.Headers.Add("X-Who", who);
        return await _http.SendAsync(request);
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

    [TestCase("not JSON", "bad-request")]
    [TestCase("{\"displayName\":7}", "bad-request")]
    [TestCase("", "bad-request")]
    [TestCase(null, "body-too-large")]
    public async Task A_body_that_cannot_be_taken_is_told_why(string? body, string code)
    {
        using var content = new StringContent(body ?? new string(' ', 1001), System.Text.Encoding.UTF8, "application/json");
        var answer = await _http.PostAsync(new Uri("/named", UriKind.Relative), content);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString(), Is.EqualTo(code));
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

    private sealed record OfApp(string AppId) : IOfApp;

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
            Request.Headers["X-Who"] is [{ } who]
                ? AuthenticateResult.Success(new AuthenticationTicket(new Actor(Guid.CreateVersion7(), $"{who}@example.org", Guid.CreateVersion7()).ToPrincipal("header"), "header"))
                : AuthenticateResult.NoResult());
    }

    /// <summary>Knows people by the name before the @; who is remembered, is taken for somebody else until asked afresh.</summary>
    private sealed class KnownAccess : IAccess
    {
        public const string Mine = "0198f000-0000-7000-8000-000000000001";

        public string? Remembered { get; set; }

        public ValueTask<Standing?> Of(Actor actor, bool fresh, CancellationToken ct)
        {
            var who = !fresh && Remembered is not null ? Remembered : actor.Email.Split('@')[0];
            var (mine, nothing) = (new Guid(Mine), new Standing(who == "administrator", new Dictionary<Guid, Role>(), new Dictionary<string, AppStanding>()));
            return ValueTask.FromResult(who == "ended" ? null : RoleNames.Parse(who) is { } role
                ? new Standing(false, new Dictionary<Guid, Role> { [mine] = role }, new Dictionary<string, AppStanding> { ["mine"] = new(mine, role) }) : nothing);
        }
    }
}
