using Causality.Http.Hosts;

namespace Causality.Ingest.Spooling;

/// <summary>The spool of this host, as Pipeline and Operations show it.</summary>
internal sealed class SpoolStatus(Spool spool) : IHostStatus
{
    public string Name => "spool";

    public IReadOnlyDictionary<string, double> Figures
    {
        get
        {
            var figures = spool.Figures;
            return new Dictionary<string, double>
            {
                ["bytes"] = figures.Bytes,
                ["events"] = figures.Events,
                ["full_bytes"] = figures.FullBytes,
                ["oldest_age_seconds"] = figures.OldestAge.TotalSeconds,
            };
        }
    }
}
