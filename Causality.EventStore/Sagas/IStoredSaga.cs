using MassTransit;

namespace Causality.EventStore.Sagas;

/// <summary>A state machine's instance as PostgreSQL keeps it: JSON of its public properties, with the name of its state beside it.</summary>
public interface IStoredSaga : SagaStateMachineInstance, ISagaVersion
{
    /// <summary>The name of the current state: what <c>InstanceState(saga => saga.State)</c> names.</summary>
    string State { get; set; }
}

/// <summary>Another message has changed the saga since this one read it. Nothing was written; <c>UseEventStore</c> tries again.</summary>
public sealed class SagaConflictException(string type, Guid id) : Exception($"The saga {type} {id} was changed meanwhile.")
{
    public string Type { get; } = type;

    public Guid Id { get; } = id;
}
