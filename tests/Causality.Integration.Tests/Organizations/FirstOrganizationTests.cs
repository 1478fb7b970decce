using Causality.Web;
using NUnit.Framework;

namespace Causality.Integration.Tests.Organizations;

/// <summary>The organization that an installation begins with.</summary>
[TestFixture]
internal sealed class FirstOrganizationTests : OnRealServers
{
    [Test]
    public async Task Hosts_that_start_at_once_make_one_organization_and_later_starts_find_it()
    {
        var (first, second) = (await World.Start("gateway"), await World.Start("query"));
        Assert.That(await World.Count("select count(*) from organizations"), Is.EqualTo(1));

        var email = "grace@example.com";
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => WebModule.EnsureAdministrator((i % 2 == 0 ? first : second).Services, email, World.Password, CancellationToken.None)));

        Assert.That(made.Distinct().Count(), Is.EqualTo(1));
        Assert.That(await World.Count($"select count(*) from facts where stream = 'organization/{made[0]}' and actor = 'system:start'"), Is.EqualTo(2));
        Assert.That(await World.Count($"select count(*) from members m join users u on u.id = m.user_id where u.email = '{email}' and m.role = 'admin' and m.organization_id = '{made[0]}'"), Is.EqualTo(1));
    }
}
