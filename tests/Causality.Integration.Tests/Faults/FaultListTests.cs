using Causality.Benchmarks.Faults;
using Causality.EventStore.Outbox;
using Causality.Host;
using Causality.Integration.Tests.Outbox;
using Causality.Lake.Ledger;
using NUnit.Framework;

namespace Causality.Integration.Tests.Faults;

/// <summary>A new step at which a host may die is proven, or this fails.</summary>
[TestFixture]
internal sealed class FaultListTests
{
    private const string Killed = "killed-at-", Retention = "retention-killed-at-";

    [Test]
    public async Task Each_step_at_which_a_host_may_die_has_a_row_or_an_integration_test()
    {
        var rows = (await FaultList.All(FaultTests.Settings, seed: 0, CancellationToken.None)).Select(fault => fault.Name).ToList();
        var proven = rows.Where(name => name.StartsWith(Killed, StringComparison.Ordinal)).Select(name => name[Killed.Length..])
            .Concat(OutboxCrashTests.Steps.Append(SagaTests.DyingStep).Select(step => Death.Name(step)));

        Assert.That(proven, Is.EquivalentTo(Death.Steps.Select(Death.Name)));
        Assert.That(rows.Where(name => name.StartsWith(Retention, StringComparison.Ordinal)).Select(name => name[Retention.Length..]),
            Is.EquivalentTo(Enum.GetValues<SwapStep>().Except([SwapStep.RetiredDeleted]).Select(step => Death.Name(step))));
        Assert.That(rows, Is.Unique);
    }
}
