using System.Diagnostics.Metrics;

namespace Causality.EventStore.Projections;

/// <summary>What is measured of projections, meter <c>Causality.EventStore</c>, each by <c>projection</c>.</summary>
internal sealed class ProjectionMetrics : IDisposable
{
    private readonly Meter _meter = new(EventStoreModule.MeterName);
    private readonly Counter<long> _facts, _failures;

    public ProjectionMetrics()
    {
        _facts = _meter.CreateCounter<long>("causality.eventstore.projection.facts", "{fact}", "Facts applied by this host");
        _failures = _meter.CreateCounter<long>("causality.eventstore.projection.failures", "{failure}", "Times that a projection threw on this host");
        _meter.CreateObservableGauge("causality.eventstore.projection.lag", () => Each(p => p.Lag), "{fact}", "Facts that are not applied yet");
        _meter.CreateObservableGauge("causality.eventstore.projection.behind", () => Each(p => p.Behind.TotalSeconds), "s", "Age of the oldest fact that is not applied yet");
        _meter.CreateObservableGauge("causality.eventstore.projection.failed", () => Each(p => p.Failure is null ? 0 : 1), description: "1 while a projection stands still at a fact that it throws at");
    }

    public IReadOnlyList<ProjectionState> States { get; set; } = [];

    public void Applied(string projection, int facts) => _facts.Add(facts, Tag(projection));

    public void Failed(string projection) => _failures.Add(1, Tag(projection));

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<T>> Each<T>(Func<ProjectionState, T> value) where T : struct => States.Select(p => new Measurement<T>(value(p), Tag(p.Name)));

    private static KeyValuePair<string, object?> Tag(string projection) => new("projection", projection);
}
