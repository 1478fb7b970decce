using System.Diagnostics;
using System.Net;
using Causality.Host;
using NUnit.Framework;

namespace Causality.Integration.Tests.Apps;

/// <summary><c>causality keys create</c>, run as a process.</summary>
[TestFixture]
internal sealed class CommandLineTests : OnRealServers
{
    private HostInside _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await World.Start();

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test, Order(1)]
    public async Task A_key_is_made_with_its_app_in_the_only_organization()
    {
        var (exit, key, error) = await Keys("create", "--app", "typed", "--name", "laptop");
        Assert.That((exit, error), Is.EqualTo((0, "")));
        using var answer = await _host.Client.Post(Sent.Some(1, DateTimeOffset.UtcNow), key);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await World.Scalar("select string_agg(name || ' ' || actor || ' ' || (tenant = (select id::text from organizations))::text, ', ' order by sequence) from facts where data ->> 'app_id' = 'typed'"),
            Is.EqualTo("app-created system:command-line true, api-key-created system:command-line true"));
        using var admin = await Person.SignIn(_host);
        var listed = (await admin.Get("/api/v1/apps/typed/keys")).Must(HttpStatusCode.OK).Body[0];
        Assert.That((listed.GetProperty("name").GetString(), listed.GetProperty("created_by").GetString()), Is.EqualTo(("laptop", "system:command-line")));
    }

    [Test, Order(2)]
    public async Task With_several_organizations_a_new_app_is_the_oldest_ones_unless_one_is_named()
    {
        using var other = await Person.Join(World, _host, "other@example.com", role: null);
        Assert.That((await Keys("create", "--app", "oldest")).Exit, Is.Zero);
        Assert.That(await World.Scalar("select organization_id from apps where id = 'oldest'"), Is.EqualTo(await Person.OrganizationOf(World)));
        var nowhere = await Keys("create", "--app", "third", "--organization", "none of them");
        Assert.That((nowhere.Exit, nowhere.Error), Is.EqualTo((2, "There is no organization \"none of them\".")));
        Assert.That(await World.Count("select count(*) from apps where id = 'third'"), Is.Zero);

        Assert.That((await Keys("create", "--organization", "of other@example.com", "--app", "second")).Exit, Is.Zero);
        (await other.Get("/api/v1/apps/second")).Must(HttpStatusCode.OK);
        Assert.That((await Keys("create", "--app", "second")).Exit, Is.Zero, "an app that is there says itself whose it is");
        var elsewhere = await Keys("create", "--app", "second", "--organization", (await Person.OrganizationOf(World)).ToString());
        Assert.That((elsewhere.Exit, elsewhere.Error), Is.EqualTo((2, "The app \"second\" belongs to another organization.")));
    }

    [TestCase("create")]
    [TestCase("create", "--app")]
    [TestCase("create", "--app", "x", "--color", "red")]
    [TestCase("forget")]
    public async Task What_is_not_understood_is_told_how_to_say(params string[] arguments)
    {
        var (exit, _, error) = await Keys(arguments);
        Assert.That((exit, error), Is.EqualTo((2, "keys takes: create --app NAME [--organization NAME|ID] [--name LABEL], or new, which prints a key that no app has.")));
    }

    private async Task<(int Exit, string Output, string Error)> Keys(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Serve).Assembly.Location, "keys", .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["CAUSALITY_POSTGRES"] = World.Postgres },
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output.Trim(), (await error).Trim());
    }
}
