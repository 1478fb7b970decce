using Causality.Contracts;
using Causality.Ingest.ApiKeys;
using NUnit.Framework;

namespace Causality.Ingest.Tests.ApiKeys;

[TestFixture]
internal sealed class ApiKeyTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Id = Guid.CreateVersion7(), Successor = Guid.CreateVersion7();
    private static readonly ApiKeyCreated Created = new(Id, "shop", new byte[32], Now.AddDays(-10), new ApiKeySettings("phone", "cak_1234"));

    [Test]
    public void Revoking_twice_records_nothing_new()
    {
        Assert.That(Given(Created).Revoke(), Is.EqualTo(new[] { new ApiKeyRevoked(Id, "shop") }));
        Assert.That(Given(Created, new ApiKeyRevoked(Id, "shop")).Revoke(), Is.Empty);
    }

    [Test]
    public void A_key_adopted_as_revoked_is_revoked() =>
        Assert.That(Given(new ApiKeyAdopted(Id, "shop", new byte[32], Now, Created.After, RevokedAt: Now)).Revoke(), Is.Empty);

    [Test]
    public void Rotated_a_key_ends_with_the_overlap() =>
        Assert.That(Given(Created).Rotate(Successor, Now, TimeSpan.FromHours(24)), Is.EqualTo(new ApiKeyRotated(Id, "shop", Successor, new ApiKeyEnd(null), new ApiKeyEnd(Now.AddHours(24)))));

    [Test]
    public void Rotating_never_makes_a_key_live_longer()
    {
        var end = Now.AddHours(2);
        Assert.That(Given(Ending(end)).Rotate(Successor, Now, TimeSpan.FromHours(24)).After, Is.EqualTo(new ApiKeyEnd(end)));
    }

    [Test]
    public void The_successor_of_a_key_that_was_made_for_a_time_lives_as_long()
    {
        Assert.That(Given(Created).EndOfSuccessor(Now), Is.Null);
        Assert.That(Given(Ending(Now.AddDays(20))).EndOfSuccessor(Now), Is.EqualTo(Now.AddDays(30)));
    }

    [Test]
    public void What_has_ended_or_been_rotated_cannot_be_rotated()
    {
        var rotated = Given(Created).Rotate(Successor, Now, TimeSpan.FromHours(1));
        Assert.That(Refusal(Given(Created, new ApiKeyRevoked(Id, "shop"))), Is.EqualTo("api-key-ended"));
        Assert.That(Refusal(Given(Ending(Now))), Is.EqualTo("api-key-ended"));
        Assert.That(Refusal(Given(Created, rotated)), Is.EqualTo("api-key-rotated"));
    }

    [Test]
    public void Limits_that_are_set_already_are_no_fact()
    {
        var set = Given(Created).Limit(new ApiKeyLimits(5, 10));
        Assert.That(set, Is.EqualTo(new[] { new ApiKeyLimitsSet(Id, "shop", new ApiKeyLimits(null, null), new ApiKeyLimits(5, 10)) }));
        Assert.That(Given([Created, .. set]).Limit(new ApiKeyLimits(5, 10)), Is.Empty);
    }

    [Test]
    public void A_key_is_one_of_its_app_only()
    {
        Assert.That(Given(Created).Of("shop").Id, Is.EqualTo(Id));
        Assert.That(() => Given(Created).Of("other"), Throws.TypeOf<RefusedException>().With.Property("Code").EqualTo("api-key-missing"));
        Assert.That(() => Given().Of(""), Throws.TypeOf<RefusedException>());
    }

    [TestCase(null, null, false, "Active")]
    [TestCase(8.0, null, false, "Active")]
    [TestCase(6.0, null, false, "Expiring")]
    [TestCase(8.0, null, true, "Expiring")]
    [TestCase(0.0, null, true, "Expired")]
    [TestCase(null, -1.0, false, "Revoked")]
    [TestCase(-2.0, -1.0, true, "Revoked")]
    public void The_state_of_a_key_is_told_by_its_dates(double? endsInDays, double? revokedInDays, bool replaced, string state)
    {
        DateTimeOffset? At(double? days) => days is { } d ? Now.AddDays(d) : null;
        var key = new ListedKey(Id, "shop", "phone", "cak_1234", Now, null, At(endsInDays), At(revokedInDays), null, replaced ? Successor : null);
        Assert.That(ListAppKeys.State(key, Now).ToString(), Is.EqualTo(state));
    }

    private static ApiKeyCreated Ending(DateTimeOffset end) => Created with { After = Created.After with { ExpiresAt = end } };

    private static string Refusal(ApiKey key) => Assert.Throws<RefusedException>(() => key.Rotate(Guid.CreateVersion7(), Now, TimeSpan.FromHours(1)))!.Code;

    private static ApiKey Given(params object[] history) => history.Aggregate(ApiKey.Initial, (key, fact) => key.Apply(fact));
}
