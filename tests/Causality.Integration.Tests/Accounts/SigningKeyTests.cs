using Causality.Web.Accounts.Tokens;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Causality.Integration.Tests.Accounts;

/// <summary>The keys of access tokens as several hosts see them. Each test has keys of its own.</summary>
[TestFixture]
internal sealed class SigningKeyTests : OnOneHost
{
    private readonly List<SigningKeys> _hosts = [];

    [SetUp]
    public Task NoKeys() => World.Execute("delete from signing_keys");

    [TearDown]
    public void End()
    {
        _hosts.ForEach(h => h.Dispose());
        _hosts.Clear();
    }

    [Test]
    public async Task Hosts_that_start_at_once_agree_on_one_key()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => HostKeys().Current(default).AsTask()));
        Assert.That(keys.Select(k => k.Id).Distinct().Count(), Is.EqualTo(1));
        Assert.That(await World.Count("select count(*) from signing_keys"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_key_is_replaced_after_thirty_days_and_every_host_knows_the_next_before_it_signs()
    {
        var (one, two) = (HostKeys(), HostKeys());
        var first = await one.Current(default);
        Clock.Pass(SigningKeys.SignsFor - SigningKeys.Ahead + TimeSpan.FromMinutes(1));
        Assert.That((await one.Current(default)).Id, Is.EqualTo(first.Id), "the next one is made, and does not sign yet");
        Assert.That(await World.Count("select count(*) from signing_keys"), Is.EqualTo(2));
        var next = (string)(await World.Scalar("select id from signing_keys order by signs_from desc limit 1"))!;
        Assert.That(await two.Find(next, default), Is.Not.Null);

        Clock.Pass(SigningKeys.Ahead);
        Assert.That(((await one.Current(default)).Id, (await two.Current(default)).Id), Is.EqualTo((next, next)));
        await one.Clean(default);
        Assert.That(await HostKeys().Find(first.Id, default), Is.Not.Null, "a token that it signed may still be good");
        Clock.Pass(AccessTokens.Life + SigningKeys.Ahead + TimeSpan.FromMinutes(1));
        await one.Clean(default);
        Assert.That(await HostKeys().Find(first.Id, default), Is.Null);
        Assert.That((await HostKeys().Current(default)).Id, Is.EqualTo(next));
    }

    [Test]
    public async Task Unknown_ids_are_looked_up_at_most_once_a_second()
    {
        var keys = HostKeys();
        await keys.Current(default);
        await World.Execute("insert into signing_keys select 'new', public_key, private_key, created_at, signs_from from signing_keys limit 1");
        Clock.Pass(TimeSpan.FromMilliseconds(500));
        Assert.That(await keys.Find("new", default), Is.Null, "read half a second ago");
        Clock.Pass(TimeSpan.FromSeconds(1));
        Assert.That(await keys.Find("new", default), Is.Not.Null);
    }

    [Test]
    public async Task A_key_whose_protection_is_lost_still_verifies_and_another_signs()
    {
        var first = await HostKeys().Current(default);
        await World.Execute("update signing_keys set private_key = 'Q29uZ3JhdHVsYXRpb25z'");
        var after = HostKeys();
        Assert.That((await after.Current(default)).Id, Is.Not.EqualTo(first.Id));
        Assert.That(await after.Find(first.Id, default), Is.Not.Null);
    }

    private SigningKeys HostKeys()
    {
        var keys = new SigningKeys(World.Database, Host.Services.GetRequiredService<IDataProtectionProvider>(), Clock, NullLogger<SigningKeys>.Instance);
        _hosts.Add(keys);
        return keys;
    }
}
