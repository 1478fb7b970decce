using Microsoft.Extensions.Logging;

namespace Causality.EventStore.Projections;

internal static partial class ProjectionLog
{
    [LoggerMessage(7001, LogLevel.Information, "This host runs the projection {Projection}, from position {Position}")]
    public static partial void Leads(this ILogger log, string projection, long position);

    [LoggerMessage(7002, LogLevel.Error, "The projection {Projection} throws at fact {Sequence} and stands still; it is tried again until it is mended")]
    public static partial void StandsStill(this ILogger log, Exception exception, string projection, long sequence);

    [LoggerMessage(7003, LogLevel.Information, "The projection {Projection} goes on, at position {Position}")]
    public static partial void GoesOn(this ILogger log, string projection, long position);

    [LoggerMessage(7004, LogLevel.Warning, "The projection {Projection} is no longer at position {Position}: another host has moved it, or it is being built anew")]
    public static partial void Overtaken(this ILogger log, string projection, long position);

    [LoggerMessage(7005, LogLevel.Warning, "The projection {Projection} cannot be followed; it is tried again in {Delay}")]
    public static partial void NotFollowed(this ILogger log, Exception exception, string projection, TimeSpan delay);
}
