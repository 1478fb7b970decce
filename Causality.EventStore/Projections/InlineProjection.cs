namespace Causality.EventStore.Projections;

/// <summary>Marks a projection as inline, which the container cannot tell from an asynchronous one.</summary>
internal sealed record InlineProjection(IProjection Projection);
