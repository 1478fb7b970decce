namespace Causality.EventStore.Sagas;

/// <summary>Another message has changed the saga since this one read it. Nothing was written; <c>UseEventStore</c> tries again.</summary>
public sealed class SagaConflictException(string type, Guid id) : Exception($"The saga {type} {id} was changed meanwhile.")
{
    public string Type { get; } = type;

    public Guid Id { get; } = id;
}
