using System.Security.Claims;
using NUnit.Framework;

namespace Causality.Http.Tests;

[TestFixture]
internal sealed class ActorTests
{
    private static readonly Actor Ada = new(Guid.CreateVersion7(), "ada@example.org", Guid.CreateVersion7());

    [Test]
    public void An_actor_comes_back_from_the_claims_that_it_was_signed_in_with() => Assert.That(Actor.From(Ada.ToPrincipal("cookie")), Is.EqualTo(Ada));

    [Test]
    public void Nobody_is_an_actor_without_sign_in() =>
        Assert.That(Actor.From(new ClaimsPrincipal(new ClaimsIdentity(Ada.ToPrincipal("cookie").Claims))), Is.Null);

    [TestCase(ClaimTypes.NameIdentifier, "7")]
    [TestCase(ClaimTypes.Email, "")]
    [TestCase("sid", "none")]
    public void Claims_that_lack_one_of_ours_make_nobody_an_actor(string type, string value)
    {
        var claims = Ada.ToPrincipal("cookie").Claims.Where(c => c.Type != type).Append(new Claim(type, value));
        Assert.That(Actor.From(new ClaimsPrincipal(new ClaimsIdentity(claims, "cookie"))), Is.Null);
    }
}
