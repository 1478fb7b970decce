using Causality.Http.Hosts;
using Causality.Sink.Flushing;

namespace Causality.Sink;

/// <summary>How the sink of this host is: what it holds, when it last stored, and whether it can.</summary>
internal sealed class SinkStatus(OpenFlush open, SinkHealth health, TimeProvider clock) : IHostStatus
{
    public string Name => "sink";

    public IReadOnlyDictionary<string, double> Figures
    {
        get
        {
            var figures = new Dictionary<string, double> { ["messages_held"] = open.Held, ["flush_failing"] = health.Problem is null ? 0 : 1 };
            if (health.FlushedAt is { } at)   // not before the first flush
                figures["last_flush_age_seconds"] = Math.Round((clock.GetUtcNow() - at).TotalSeconds, 1);
            return figures;
        }
    }
}
