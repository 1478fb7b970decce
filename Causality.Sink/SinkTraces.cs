using System.Diagnostics;
using Causality.Sink.Flushing;

namespace Causality.Sink;

/// <summary>
/// Spans of the sink, source <c>Causality.Sink</c>. A flush belongs to many requests at once, so it is a trace of its own: it links to the
/// messages that it stores, and each of their traces links to it.
/// </summary>
internal static class SinkTraces
{
    private const int MostLinks = 128;   // of the specification's default limit

    private static readonly ActivitySource Source = new(SinkModule.MeterName);

    public static Activity? Flush(IReadOnlyCollection<Waiting> messages)
    {
        if (!Source.HasListeners())
            return null;
        var consumed = messages.Select(m => m.Consumed).OfType<Activity>().Take(MostLinks).ToList();
        Activity.Current = null;
        var flush = Source.StartActivity("flush", ActivityKind.Internal, default(ActivityContext), links: consumed.Select(c => new ActivityLink(c.Context)));
        flush?.SetTag("causality.flush.messages", messages.Count);
        foreach (var activity in consumed)
            if (flush is not null)
                activity.AddLink(new ActivityLink(flush.Context));
        return flush;
    }

    /// <summary>A part of the flush; its statements and requests to the store are below it.</summary>
    public static Activity? Part(string name) => Source.StartActivity(name);

    public static void Failed(this Activity? activity, Exception failure)
    {
        activity?.AddException(failure);
        activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
    }
}
