using Causality.EventStore.Streams;

namespace Causality.Integration.Tests.EventStore.Guide;

internal sealed record GoalSet(string Name, int Target);

internal sealed record GoalRaised(int Target);

internal sealed record GoalDropped(string Reason);

/// <summary>What a team wants to reach. It can be raised, never lowered, and dropped once.</summary>
internal sealed record Goal(int Target, bool Open) : IAggregate<Goal>
{
    public static Goal Initial { get; } = new(0, Open: false);

    public static StreamId Stream(Guid id) => new("goal", id);

    public static void Facts(FactTypes facts) => facts.Add<GoalSet>("goal-set").Add<GoalRaised>("goal-raised").Add<GoalDropped>("goal-dropped");

    public IReadOnlyList<object> Raise(int target)
    {
        if (!Open)
            throw new InvalidOperationException("There is no such goal, or it was dropped.");
        return target > Target ? [new GoalRaised(target)] : [];
    }

    public IReadOnlyList<object> Drop(string reason) => Open ? [new GoalDropped(reason)] : [];

    public Goal Apply(object fact) => fact switch
    {
        GoalSet e => new Goal(e.Target, Open: true),
        GoalRaised e => this with { Target = e.Target },
        GoalDropped => this with { Open = false },
        _ => this,
    };
}
