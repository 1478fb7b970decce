using MassTransit;

namespace Causality.EventStore.Sagas;

/// <summary>A state machine's instance as PostgreSQL keeps it: JSON of its public properties, with the name of its state beside it.</summary>
public interface IStoredSaga : SagaStateMachineInstance, ISagaVersion
{
    /// <summary>The name of the current state: what <c>InstanceState(saga => saga.State)</c> names.</summary>
    string State { get; set; }
}
