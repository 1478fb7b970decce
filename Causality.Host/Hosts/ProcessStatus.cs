using System.Diagnostics;
using Causality.Http.Hosts;

namespace Causality.Host.Hosts;

/// <summary>Memory, processor time and threads of this process.</summary>
internal sealed class ProcessStatus : IHostStatus
{
    public string Name => "process";

    public IReadOnlyDictionary<string, double> Figures
    {
        get
        {
            using var self = Process.GetCurrentProcess();
            return new Dictionary<string, double>
            {
                ["working_set_bytes"] = self.WorkingSet64,
                ["gc_heap_bytes"] = GC.GetTotalMemory(forceFullCollection: false),
                ["cpu_seconds"] = Math.Round(self.TotalProcessorTime.TotalSeconds, 2),
                ["threads"] = self.Threads.Count,
            };
        }
    }
}
