namespace Causality.EventStore.Projections;

/// <summary>Marks a projection as asynchronous, which the container cannot tell from an inline one.</summary>
internal sealed record AsynchronousProjection(IProjection Projection);
