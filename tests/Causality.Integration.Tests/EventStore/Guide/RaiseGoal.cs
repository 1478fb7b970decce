using Causality.EventStore.Streams;

namespace Causality.Integration.Tests.EventStore.Guide;

internal sealed class RaiseGoal(IEventStore store)
{
    private const int Attempts = 3;

    public async Task Handle(Guid id, int target, FactOrigin origin, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                var goal = await store.Load<Goal>(Goal.Stream(id), ct);
                await store.Append(goal.Stream, goal.Version, goal.State.Raise(target), origin, ct);
                return;
            }
            catch (StreamConflictException) when (attempt < Attempts)
            {
                // somebody was faster: what they did is loaded now, and decided upon
            }
    }
}
