namespace Causality.EventStore.Outbox;

/// <summary>The points between which a message's way can be cut. Tests stop the process at each of them.</summary>
public enum OutboxStep
{
    HandlerCommitted,
    Taken,
    Published,
    Deleted,
    Delivered,
    Consumed,
    ConsumerCommitted,
    DueMoved,
}

/// <summary>Where a test makes a host die; outside of tests nothing happens here.</summary>
public interface IOutboxFailPoint
{
    void At(OutboxStep step);
}

internal sealed class NoOutboxFailPoint : IOutboxFailPoint
{
    public void At(OutboxStep step)
    {
    }
}
