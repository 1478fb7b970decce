namespace Causality.Sink.Flushing;

/// <summary>How many events there are of something, and when the first and the last of them happened.</summary>
internal readonly record struct EventSpan(long Events, long FirstMs, long LastMs)
{
    public static EventSpan None { get; } = new(0, long.MaxValue, long.MinValue);

    public EventSpan With(FlushEvent one) => new(Events + 1, Math.Min(FirstMs, one.TimestampMs), Math.Max(LastMs, one.TimestampMs));
}
