using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Causality.Sink.DeadLetters;

/// <summary>How many dead events nobody has decided on, as last counted.</summary>
internal sealed class DeadLetterDepth : IDisposable
{
    private readonly Meter _meter = new(SinkModule.MeterName);
    private long _events = -1;

    public DeadLetterDepth(IOptions<SinkOptions> options)
    {
        Threshold = options.Value.DeadLetterAlertDepth;
        _meter.CreateObservableGauge("causality.sink.dead_letters.open", () => Events is { } events ? new[] { new Measurement<long>(events) } : [], description: "Dead events of the installation that nobody has decided on");
    }

    public int Threshold { get; }

    /// <summary>Null until they have been counted.</summary>
    public long? Events
    {
        get => Volatile.Read(ref _events) is >= 0 and var events ? events : null;
        set => Volatile.Write(ref _events, value ?? -1);
    }

    public string? Warning => Events is { } events && events > Threshold ? $"{events} dead events wait for somebody to replay or discard them, more than {Threshold}" : null;

    public void Dispose() => _meter.Dispose();
}
