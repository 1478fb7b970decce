using Causality.EventStore;
using NUnit.Framework;

namespace Causality.Integration.Tests.EventStore.Guide;

[TestFixture]
internal sealed class GoalTests : OnPostgres
{
    [Test]
    public void A_goal_is_not_lowered() => Assert.That(Given(new GoalSet("Sign-ups", 100), new GoalRaised(300)).Raise(200), Is.Empty);

    [Test]
    public void A_goal_that_was_dropped_cannot_be_raised() =>
        Assert.That(() => Given(new GoalSet("Sign-ups", 100), new GoalDropped("reached")).Raise(200), Throws.InvalidOperationException);

    [Test]
    public async Task The_list_shows_the_goals_that_are_open_with_their_target()
    {
        await Scalar("create table goal_list (stream text primary key, name text not null, target int not null)");
        var host = await Start(services => services.AddFacts(Goal.Facts).AddProjection<GoalList>());
        var (signUps, orders) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await host.Store.Append(Goal.Stream(signUps), 0, [new GoalSet("Sign-ups", 100)], Tester, Ct);
        await host.Store.Append(Goal.Stream(orders), 0, [new GoalSet("Orders", 10)], Tester, Ct);

        await new RaiseGoal(host.Store).Handle(signUps, 150, Tester, Ct);
        var loaded = await host.Store.Load<Goal>(Goal.Stream(orders), Ct);
        await host.Store.Append(loaded.Stream, loaded.Version, loaded.State.Drop("no shop yet"), Tester, Ct);
        await host.Projections.WaitFor("goal-list/1", Ct);

        Assert.That(await Scalar("select string_agg(name || ' ' || target, ', ') from goal_list"), Is.EqualTo("Sign-ups 150"));
    }

    private static Goal Given(params object[] history) => history.Aggregate(Goal.Initial, (goal, fact) => goal.Apply(fact));
}
