namespace Causality.EventStore.Streams;

/// <summary>Who decides, on whose behalf, and what led to it: kept with every fact.</summary>
/// <param name="Actor">A user's id, or the part of the system, such as <c>system:start</c>.</param>
/// <param name="ActorName">How people know the actor.</param>
/// <param name="Tenant">Whose fact it is: nobody else may see it. Null for what belongs to the installation.</param>
/// <param name="CorrelationId">What all that follows from one request has in common.</param>
/// <param name="CausationId">The message that led to it.</param>
/// <param name="Address">The network address that the request came from.</param>
public sealed record FactOrigin(string Actor, string? ActorName = null, string? Tenant = null, string? CorrelationId = null, string? CausationId = null, string? Address = null);

/// <summary>A fact as it was recorded.</summary>
/// <param name="Sequence">Its place in the order of all facts.</param>
/// <param name="Version">Its place in its stream, from 1.</param>
/// <param name="Name">The fact's stable name.</param>
/// <param name="Data">The fact as JSON, lifted to its newest shape.</param>
/// <param name="Fact">The fact itself; an <see cref="UnknownFact"/> where this program does not know the name.</param>
public sealed record Recorded(long Sequence, Guid Id, StreamId Stream, long Version, string Name, string Data, object Fact, DateTimeOffset At, FactOrigin Origin, string? TraceId);

/// <summary>A fact of a module that this host does not carry.</summary>
public sealed record UnknownFact(string Name);
