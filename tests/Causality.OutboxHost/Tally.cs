using Causality.EventStore.Sagas;
using MassTransit;

namespace Causality.OutboxHost;

public sealed record TallyAdded(Guid Tally);

public sealed record TallyWatched(Guid Tally, TimeSpan For);

public sealed record TallyLeft(Guid Tally);

public sealed record TallyExpired(Guid Tally);

public sealed record TallyClosed(Guid Tally);

/// <summary>Counts what it is told, and expires when it is watched for long enough.</summary>
public sealed class Tally : IStoredSaga
{
    public Guid CorrelationId { get; set; }

    public int Version { get; set; }

    public string State { get; set; } = "";

    public int Count { get; set; }

    public Guid? Timeout { get; set; }
}

internal sealed class TallyMachine : MassTransitStateMachine<Tally>
{
    public TallyMachine()
    {
        InstanceState(tally => tally.State);
        Event(() => Added, e => e.CorrelateById(c => c.Message.Tally));
        Event(() => Watched, e => e.CorrelateById(c => c.Message.Tally));
        Event(() => Left, e => e.CorrelateById(c => c.Message.Tally));
        Event(() => Closed, e => e.CorrelateById(c => c.Message.Tally));
        Schedule(() => Expiry, tally => tally.Timeout, s => s.Received = e => e.CorrelateById(c => c.Message.Tally));

        Initially(
            When(Added).Then(c => c.Saga.Count++).TransitionTo(Counting),
            When(Watched).Schedule(Expiry, c => new TallyExpired(c.Saga.CorrelationId), c => c.Message.For).TransitionTo(Counting));
        During(Counting,
            When(Added).Then(c => c.Saga.Count++),
            When(Watched).Schedule(Expiry, c => new TallyExpired(c.Saga.CorrelationId), c => c.Message.For),
            When(Left).Unschedule(Expiry),
            When(Closed).Finalize(),
            When(Expiry.Received).TransitionTo(Expired));
        SetCompletedWhenFinalized();
    }

    public State Counting { get; private set; } = null!;

    public State Expired { get; private set; } = null!;

    public Event<TallyAdded> Added { get; private set; } = null!;

    public Event<TallyWatched> Watched { get; private set; } = null!;

    public Event<TallyLeft> Left { get; private set; } = null!;

    public Event<TallyClosed> Closed { get; private set; } = null!;

    public Schedule<Tally, TallyExpired> Expiry { get; private set; } = null!;
}
