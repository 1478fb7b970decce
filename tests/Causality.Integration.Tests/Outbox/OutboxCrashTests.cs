using Causality.EventStore.Outbox;
using NUnit.Framework;

namespace Causality.Integration.Tests.Outbox;

/// <summary>A host is killed between any two steps of a message's way. The next one finishes: nothing is lost, and each effect happens once.</summary>
[TestFixture]
internal sealed class OutboxCrashTests : OnOrders
{
    internal static readonly OutboxStep[] Steps = [.. Enum.GetValues<OutboxStep>().Except([SagaTests.DyingStep])];

    [TestCaseSource(nameof(Steps))]
    public async Task Kill_9_between_any_two_steps_loses_and_doubles_nothing(OutboxStep step)
    {
        var dying = await LaunchOrders(("FAILPOINT", $"OutboxStep.{step}:4"));
        var before = await World.Count("select count(*) from facts where name = 'order-placed'");
        await PlaceUntilItDies(dying, step);
        await dying.Death();
        Assert.That(await World.Count("select count(*) from facts where name = 'order-placed'"), Is.GreaterThan(before));

        var next = await LaunchOrders();
        await Quiet();
        await AssertEachOnce();
        Assert.That((await next.Terminate()).ExitCode, Is.Zero, next.Output);
    }

    private static Task PlaceUntilItDies(HostOutside host, OutboxStep step) => Task.WhenAll(Enumerable.Range(0, 3).Select(async client =>
    {
        try
        {
            for (var i = 0; i < 200; i++)
                (await host.Client.Http.PostAsync($"/orders/{step}-{client}", null)).Dispose();
        }
        catch (HttpRequestException)
        {
        }
    }));
}
