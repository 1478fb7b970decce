using Microsoft.Extensions.Options;

namespace Causality.Sink.DeadLetters;

/// <summary>How many dead events nobody has decided on, as last counted.</summary>
internal sealed class DeadLetterDepth(IOptions<SinkOptions> options)
{
    private long _events = -1;

    public int Threshold => options.Value.DeadLetterAlertDepth;

    /// <summary>Null until they have been counted.</summary>
    public long? Events
    {
        get => Volatile.Read(ref _events) is >= 0 and var events ? events : null;
        set => Volatile.Write(ref _events, value ?? -1);
    }

    public string? Warning => Events is { } events && events > Threshold ? $"{events} dead events wait for somebody to replay or discard them, more than {Threshold}" : null;
}
