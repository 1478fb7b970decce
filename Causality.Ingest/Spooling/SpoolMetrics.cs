using System.Diagnostics.Metrics;

namespace Causality.Ingest.Spooling;

/// <summary>What the spool tells to the meter <c>Causality.Ingest</c>.</summary>
internal sealed class SpoolMetrics(IMeterFactory factory)
{
    private readonly Meter _meter = factory.Create(IngestMetrics.MeterName);
    private Counter<long>? _spooled, _drained, _damaged, _refused;
    private Histogram<double>? _sync;
    private Histogram<long>? _group;

    /// <summary>Begins to measure; a host without a spool has no figures of one.</summary>
    public void Watch(Spool spool)
    {
        _spooled = _meter.CreateCounter<long>("causality.ingest.spool.events", "{event}", "Events that were made durable on disk because the broker did not take them");
        _drained = _meter.CreateCounter<long>("causality.ingest.spool.drained", "{event}", "Spooled events that the broker has confirmed");
        _damaged = _meter.CreateCounter<long>("causality.ingest.spool.damaged", "{record}", "Places in a segment that could not be read, and were kept aside");
        _refused = _meter.CreateCounter<long>("causality.ingest.spool.refused", "{message}", "Messages for which the spool had no room, or its disk failed");
        _sync = _meter.CreateHistogram<double>("causality.ingest.spool.sync.duration", "s", "Time of one fsync");
        _group = _meter.CreateHistogram<long>("causality.ingest.spool.sync.messages", "{message}", "Messages that shared an fsync");
        _meter.CreateObservableGauge("causality.ingest.spool.size", () => spool.Figures.Bytes, "By", "Bytes of the segments");
        _meter.CreateObservableGauge("causality.ingest.spool.capacity", () => spool.Figures.FullBytes, "By", "Bytes at which the spool is full");
        _meter.CreateObservableGauge("causality.ingest.spool.pending", () => spool.Figures.Events, "{event}", "Events that the broker has not confirmed yet");
        _meter.CreateObservableGauge("causality.ingest.spool.age", () => spool.Figures.OldestAge.TotalSeconds, "s", "Age of the oldest of them");
    }

    public void Synced(TimeSpan took, int messages)
    {
        _sync?.Record(took.TotalSeconds);
        _group?.Record(messages);
    }

    public void Spooled(long events) => _spooled?.Add(events);

    public void Drained(long events) => _drained?.Add(events);

    public void Damaged() => _damaged?.Add(1);

    public void Refused(int messages) => _refused?.Add(messages);
}
