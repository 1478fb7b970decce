using Causality.EventStore.Streams;

namespace Causality.EventStore.Projections;

/// <summary>
/// Turns facts into rows of a read model. Rows commit together with the fact (inline), or with the projection's position (asynchronous),
/// so each fact counts once. It must answer the same for the same fact: no clock, no I/O. Facts that it does not care for, and each
/// <see cref="UnknownFact"/>, change nothing.
/// </summary>
public interface IProjection
{
    /// <summary>
    /// A stable name with a number, <c>rule-list/2</c>. A new number is a new projection, which builds beside the old one from the first fact; a
    /// changed <see cref="Apply"/> needs one.
    /// </summary>
    string Name { get; }

    /// <summary>
    /// Adds to <paramref name="rows"/> what this fact changes, and answers them. One that throws, or whose rows PostgreSQL refuses, makes the
    /// append fail (inline), or stands still before the fact until it is mended (asynchronous).
    /// </summary>
    Rows Apply(Recorded recorded, Rows rows);
}
