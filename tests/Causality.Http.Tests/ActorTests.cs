using System.Security.Claims;
using NUnit.Framework;

namespace Causality.Http.Tests;

[TestFixture]
internal sealed class ActorTests
{
    private static readonly Actor Ada = new(Guid.CreateVersion7(), "ada@example.org", Role.Editor);

    [Test]
    public void An_actor_comes_back_from_the_claims_that_it_was_signed_in_with() => Assert.That(Actor.From(Ada.ToPrincipal("cookie")), Is.EqualTo(Ada));

    [Test]
    public void Nobody_is_an_actor_without_sign_in() =>
        Assert.That(Actor.From(new ClaimsPrincipal(new ClaimsIdentity(Ada.ToPrincipal("cookie").Claims))), Is.Null);

    [TestCase("Owner")]
    [TestCase("7")]
    [TestCase("")]
    public void An_unknown_role_makes_nobody_an_actor(string role)
    {
        var claims = Ada.ToPrincipal("cookie").Claims.Where(c => c.Type != ClaimTypes.Role).Append(new Claim(ClaimTypes.Role, role));
        Assert.That(Actor.From(new ClaimsPrincipal(new ClaimsIdentity(claims, "cookie"))), Is.Null);
    }
}
