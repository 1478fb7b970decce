using Causality.EventStore.Streams;

namespace Causality.Integration.Tests.EventStore.Guide;

internal sealed class RaiseGoal(IEventStore store)
{
    public Task Handle(Guid id, int target, FactOrigin origin, CancellationToken ct) => OnConflict.Again(async () =>
    {
        var goal = await store.Load<Goal>(Goal.Stream(id), ct);
        await store.Append(goal.Stream, goal.Version, goal.State.Raise(target), origin, ct);
    }, ct);
}
