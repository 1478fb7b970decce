using Causality.Contracts.Events;

namespace Causality.Ingest.Capture;

/// <summary>
/// When an event happened. Where the client says when it sent it, its clock's skew is received − sent: less than a minute is ignored,
/// more is rounded to the minute, so that a retry falls in the same hour, and added. Far future and past are flagged, not refused.
/// </summary>
internal readonly record struct EventTime(long Milliseconds, long ClientMilliseconds, string Flags)
{
    private const long Minute = 60_000;
    private const long Day = 24 * 60 * Minute;
    private const long Last = 253_402_300_799_999;
    private const int LateDays = 30;

    private static readonly string[] FlagNames = ["skewed", "future", "late"];
    private static readonly string[] AllFlags = [.. Enumerable.Range(0, 8).Select(bits => string.Join(',', FlagNames.Where((_, i) => (bits & (1 << i)) != 0)))];

    /// <summary>Hours since 1970, UTC: with the app, the partition of the lake.</summary>
    public int Hour => (int)(Milliseconds / (60 * Minute));

    public static bool IsTime(long milliseconds) => milliseconds is > 0 and <= Last;

    /// <summary><paramref name="sent"/> is 0 where the client does not say.</summary>
    public static EventTime Of(long client, long sent, long received)
    {
        var skew = sent == 0 || Math.Abs(received - sent) < Minute ? 0 : (long)Math.Round((received - sent) / (double)Minute, MidpointRounding.AwayFromZero) * Minute;
        var time = client + skew;
        return new EventTime(time, client, AllFlags[(skew != 0 ? 1 : 0) | (time > received + Day ? 2 : 0) | (time < received - (LateDays * Day) ? 4 : 0)]);
    }

    public void Write(EventBatchWriter into, long received)
    {
        into.Number(EventColumn.TimestampMs, Milliseconds);
        into.Number(EventColumn.ReceivedAtMs, received);
        if (Milliseconds != ClientMilliseconds)
            into.Number(EventColumn.ClientTimestampMs, ClientMilliseconds);
        if (Flags.Length == 0)
            return;
        Span<byte> flags = stackalloc byte[32];
        into.Text(EventColumn.Flags, flags[..System.Text.Encoding.ASCII.GetBytes(Flags, flags)]);
    }
}
