using System.Diagnostics.Metrics;

namespace Causality.Ingest;

/// <summary>The meter <c>Causality.Ingest</c>.</summary>
internal sealed class IngestMetrics : IDisposable
{
    public const string MeterName = "Causality.Ingest";

    private readonly Meter _meter;
    private readonly Counter<long> _events;
    private readonly Counter<long> _requestBytes;
    private readonly Counter<long> _refused;
    private readonly Histogram<double> _publish;
    private readonly UpDownCounter<int> _inFlight;

    public IngestMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _events = _meter.CreateCounter<long>("causality.ingest.events", "{event}", "Events that were answered, by verdict");
        _requestBytes = _meter.CreateCounter<long>("causality.ingest.request.size", "By", "Bytes of request bodies, decoded");
        _refused = _meter.CreateCounter<long>("causality.ingest.refused", "{request}", "Requests that were refused whole, by reason");
        _publish = _meter.CreateHistogram<double>("causality.ingest.publish.duration", "s", "Time to the broker's confirm, by outcome");
        _inFlight = _meter.CreateUpDownCounter<int>("causality.ingest.publish.in_flight", "{message}", "Messages that await the broker's confirm");
    }

    public void Accepted(int events) => Verdicts(events, "accepted");

    public void Rejected(int events) => Verdicts(events, "rejected");

    public void Received(int bytes) => _requestBytes.Add(bytes);

    /// <summary>Reasons: <c>unauthorized</c>, <c>origin</c>, <c>rate_limited</c>, <c>invalid</c>, <c>unavailable</c>.</summary>
    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Published(TimeSpan took, string outcome) => _publish.Record(took.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));

    public Flight InFlight()
    {
        _inFlight.Add(1);
        return new Flight(_inFlight);
    }

    public void Dispose() => _meter.Dispose();

    private void Verdicts(int events, string verdict)
    {
        if (events > 0)
            _events.Add(events, new KeyValuePair<string, object?>("verdict", verdict));
    }

    public readonly struct Flight(UpDownCounter<int> inFlight) : IDisposable
    {
        public void Dispose() => inFlight.Add(-1);
    }
}
