using System.Diagnostics.Metrics;
using Causality.Sink.Flushing;

namespace Causality.Sink;

/// <summary>What the sink measures, meter <c>Causality.Sink</c>.</summary>
internal sealed class SinkMetrics : IDisposable
{
    private readonly Meter _meter = new(SinkModule.MeterName);
    private readonly Counter<long> _stored, _duplicates, _dead, _files, _bytes, _failures, _merged, _mergedRows, _removed;
    private readonly Histogram<double> _duration, _age;

    public SinkMetrics(OpenFlush open)
    {
        _stored = _meter.CreateCounter<long>("causality.sink.events.stored");
        _duplicates = _meter.CreateCounter<long>("causality.sink.events.duplicate");
        _dead = _meter.CreateCounter<long>("causality.sink.events.dead");
        _files = _meter.CreateCounter<long>("causality.sink.files");
        _bytes = _meter.CreateCounter<long>("causality.sink.written", "By");
        _failures = _meter.CreateCounter<long>("causality.sink.flush.failures");
        _merged = _meter.CreateCounter<long>("causality.sink.compaction.files", description: "Files that were merged into others");
        _mergedRows = _meter.CreateCounter<long>("causality.sink.compaction.rows");
        _removed = _meter.CreateCounter<long>("causality.sink.compaction.duplicates");
        _duration = _meter.CreateHistogram<double>("causality.sink.flush.duration", "s", "From the close of a flush to its publication");
        _age = _meter.CreateHistogram<double>("causality.sink.flush.age", "s", "From a flush's first message to its publication");
        _meter.CreateObservableGauge("causality.sink.ledger.differences", () => LedgerDifferences, description: "What the last check found to differ between ledger, files and books");
        _meter.CreateObservableGauge("causality.sink.messages.held", () => open.Held, description: "Messages taken from the broker and not acknowledged yet");
    }

    public long LedgerDifferences { get; set; }

    /// <summary>Shows the counters at 0 before something happens, so that their first step is seen as one. To be called when the host runs: whoever listens has come by then.</summary>
    public void Begin()
    {
        foreach (var counter in new[] { _stored, _duplicates, _dead, _files, _bytes, _failures })
            counter.Add(0);
    }

    public void Flushed(FlushResult result, TimeSpan duration, TimeSpan age)
    {
        _stored.Add(result.Stored);
        _duplicates.Add(result.Duplicates);
        _dead.Add(result.Dead);
        _files.Add(result.Files);
        _bytes.Add(result.Bytes);
        _duration.Record(duration.TotalSeconds);
        _age.Record(age.TotalSeconds);
    }

    public void Compacted(int files, long rows, long removed)
    {
        _merged.Add(files);
        _mergedRows.Add(rows);
        _removed.Add(removed);
    }

    public void Failed() => _failures.Add(1);

    public void Dispose() => _meter.Dispose();
}
