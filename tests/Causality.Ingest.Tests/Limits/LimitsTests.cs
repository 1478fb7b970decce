using System.Net;
using Causality.Ingest.ApiKeys;
using Causality.Ingest.Apps;
using Causality.Ingest.Capture;
using Causality.Ingest.Limits;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Limits;

[TestFixture]
internal sealed class LimitsTests
{
    private readonly TestClock _clock = new();
    private readonly IOptions<IngestOptions> _options =
        Options.Create(new IngestOptions { EventsPerSecond = 10, Burst = 20, AnonymousRequestsPerSecond = 1, AnonymousBurst = 2 });

    [Test]
    public void Keys_do_not_share_their_limit()
    {
        var limits = new KeyLimits(_options, _clock);
        Assert.That(limits.TryTake(Key(), 20, out _));
        Assert.That(limits.TryTake(Key(), 20, out _));
    }

    [Test]
    public void A_key_with_limits_of_its_own_is_not_held_by_those_of_the_settings()
    {
        var limits = new KeyLimits(_options, _clock);
        var bench = Key() with { EventsPerSecond = 1_000_000 };
        Assert.That(limits.TryTake(bench, 1_000_000, out _));
        Assert.That(limits.TryTake(bench, 1_000_000, out _), "a burst of twice the rate");
        Assert.That(limits.HasRoom(bench, out _), Is.False);
    }

    [Test]
    public void Limits_that_were_changed_hold_from_then_on()
    {
        var limits = new KeyLimits(_options, _clock);
        var key = Key();
        limits.TryTake(key, 20, out _);
        Assert.That(limits.TryTake(key, 1, out _), Is.False);
        Assert.That(limits.TryTake(key with { Burst = 40 }, 40, out _));
    }

    [Test]
    public void An_address_that_keeps_guessing_is_told_to_wait()
    {
        var limits = new AddressLimits(_options, _clock);
        var address = IPAddress.Parse("192.0.2.1");
        Assert.That(limits.HasRoom(address, out _));
        Assert.That(limits.TryTake(address, out _));
        Assert.That(limits.TryTake(address, out _));
        Assert.That(limits.HasRoom(address, out _), Is.False);
        Assert.That(limits.TryTake(address, out var wait), Is.False);
        Assert.That(wait, Is.EqualTo(TimeSpan.FromSeconds(1)));
        Assert.That(limits.TryTake(IPAddress.Parse("192.0.2.2"), out _), "its neighbor is not held");
    }

    [Test]
    public void An_ipv6_network_counts_as_one_address()
    {
        var limits = new AddressLimits(_options, _clock);
        limits.TryTake(IPAddress.Parse("2001:db8::1"), out _);
        limits.TryTake(IPAddress.Parse("2001:db8::2"), out _);
        Assert.That(limits.TryTake(IPAddress.Parse("2001:db8::3"), out _), Is.False);
        Assert.That(limits.TryTake(IPAddress.Parse("2001:db8:0:1::1"), out _));
    }

    [Test]
    public void Addresses_are_kept_in_bounded_memory()
    {
        var limits = new AddressLimits(_options, _clock);
        for (var i = 0; i < AddressLimits.MostAddresses + 100; i++)
            limits.TryTake(new IPAddress(i), out _);
        Assert.That(limits.Count, Is.LessThanOrEqualTo(AddressLimits.MostAddresses));
    }

    private static ValidKey Key() => new(Guid.CreateVersion7(), "demo", null, null, new AppRules([], IpPolicy.Hash));
}
