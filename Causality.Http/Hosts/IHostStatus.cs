namespace Causality.Http.Hosts;

/// <summary>
/// What a module tells of itself on this host, every few seconds, for the Pipeline and Operations pages: figures such as the bytes of its
/// spool. Register it as a singleton; it must answer from memory.
/// </summary>
public interface IHostStatus
{
    /// <summary>The module's word for it, such as <c>spool</c>.</summary>
    string Name { get; }

    /// <summary>Figures by name, with the unit as its end where it has one: <c>bytes</c>, <c>age_seconds</c>.</summary>
    IReadOnlyDictionary<string, double> Figures { get; }
}
