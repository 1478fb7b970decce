using System.Net;
using Causality.Ingest.Apps;
using Causality.Ingest.Receiving;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Receiving;

[TestFixture]
internal sealed class AddressHashTests
{
    private static readonly byte[] Salt = new byte[32];

    [Test]
    public void Dropped_an_address_leaves_nothing()
    {
        Assert.That(Hash("192.0.2.1", IpPolicy.Drop), Is.Null);
        Assert.That(AddressHash.Of(null, Salt, IpPolicy.Hash), Is.Null);
    }

    [TestCase("192.0.2.1", "192.0.2.254", true)]
    [TestCase("192.0.2.1", "192.0.3.1", false)]
    [TestCase("2001:db8:1:2::1", "2001:db8:1:ffff::9", true)]
    [TestCase("2001:db8:1::1", "2001:db8:2::1", false)]
    [TestCase("::ffff:192.0.2.1", "192.0.2.77", true)]
    public void Truncated_addresses_of_one_network_are_alike_and_hashed_whole_they_are_not(string one, string other, bool alike)
    {
        Assert.That(Hash(one, IpPolicy.Truncate) == Hash(other, IpPolicy.Truncate), Is.EqualTo(alike));
        Assert.That(Hash(one, IpPolicy.Hash), Is.Not.EqualTo(Hash(other, IpPolicy.Hash)).And.Length.EqualTo(32));
    }

    [Test]
    public void An_address_is_told_apart_under_another_salt() =>
        Assert.That(AddressHash.Of(IPAddress.Loopback, [.. Enumerable.Repeat((byte)1, 32)], IpPolicy.Hash), Is.Not.EqualTo(Hash("127.0.0.1", IpPolicy.Hash)));

    private static string? Hash(string address, IpPolicy policy) => AddressHash.Of(IPAddress.Parse(address), Salt, policy);
}
