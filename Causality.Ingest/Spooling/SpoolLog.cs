using Microsoft.Extensions.Logging;

namespace Causality.Ingest.Spooling;

internal static partial class SpoolLog
{
    [LoggerMessage(2110, LogLevel.Error, "The spool takes no events, and requests are answered with 503: {Why}")]
    public static partial void Refuses(this ILogger log, string why, Exception? error);

    [LoggerMessage(2111, LogLevel.Information, "The spool takes events again")]
    public static partial void TakesAgain(this ILogger log);

    [LoggerMessage(2112, LogLevel.Information, "Took over the spooled segment {Path} of a host that is gone: {Bytes} bytes, {Events} events not drained yet")]
    public static partial void TakenOver(this ILogger log, string path, long bytes, long events);

    [LoggerMessage(2113, LogLevel.Information, "Drained the spooled segment {Path}")]
    public static partial void Drained(this ILogger log, string path);

    [LoggerMessage(2114, LogLevel.Error, "The spooled segment {Path} is damaged from byte {From} to {To}; what lies behind goes on, and the events of these bytes stay in flight in the books")]
    public static partial void Damaged(this ILogger log, string path, long from, long to);

    [LoggerMessage(2115, LogLevel.Information, "The spooled segment {Path} ends at byte {From} of {To} with a write that was cut off; no request was told that it is durable")]
    public static partial void Torn(this ILogger log, string path, long from, long to);

    [LoggerMessage(2116, LogLevel.Error, "A damaged segment is kept as {Path}: {Bytes} bytes of it could not be read")]
    public static partial void KeptAside(this ILogger log, string path, long bytes);

    [LoggerMessage(2117, LogLevel.Warning, "The spool could not be drained, and is tried again")]
    public static partial void NotDrained(this ILogger log, Exception error);

    [LoggerMessage(2118, LogLevel.Warning, "The segment {Path} could not be cut behind its last durable record")]
    public static partial void NotCut(this ILogger log, string path, Exception error);
}
