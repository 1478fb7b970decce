using System.Net;
using Causality.Web.Accounts;
using NUnit.Framework;

namespace Causality.Web.Tests;

/// <summary>Whose tries count together.</summary>
[TestFixture]
internal sealed class NetworkTests
{
    [TestCase("192.0.2.1", "192.0.2.2", false)]
    [TestCase("192.0.2.1", "::ffff:192.0.2.1", true)]
    [TestCase("::ffff:192.0.2.1", "::ffff:192.0.2.2", false)]
    [TestCase("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [TestCase("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    public void Addresses_of_one_customers_network_are_one(string one, string other, bool same) =>
        Assert.That(SignIn.Network(IPAddress.Parse(one)) == SignIn.Network(IPAddress.Parse(other)), Is.EqualTo(same));
}
