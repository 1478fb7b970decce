namespace Causality.Sink;

/// <summary>Whether the sink can store, for <c>/ready</c> and the log.</summary>
internal sealed class SinkHealth
{
    private volatile string? _problem;

    public string? Problem => _problem;

    public void Failed(string problem) => _problem = problem;

    public void Flushed() => _problem = null;
}
