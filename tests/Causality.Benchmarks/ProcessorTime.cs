using System.Globalization;
using System.Runtime.InteropServices;

namespace Causality.Benchmarks;

/// <summary>Processor seconds of the processes that take part in storing an event, each with its children, living and ended, but for those that are named themselves (Linux).</summary>
internal sealed partial class ProcessorTime
{
    private static readonly double TicksPerSecond = Sysconf(ClockTicks);
    private const int ClockTicks = 2;   // _SC_CLK_TCK

    private readonly IReadOnlyList<(string Name, double Seconds)> _spent;

    private ProcessorTime(IReadOnlyList<(string, double)> spent) => _spent = spent;

    /// <summary>What each of them has used since it began.</summary>
    public static ProcessorTime Read(IEnumerable<(string Name, int Pid)> processes)
    {
        var all = Directory.EnumerateDirectories("/proc").Select(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? Stat(pid) : null)
            .OfType<ProcessStat>().ToLookup(p => p.Parent);
        var named = processes.Select(p => p.Pid).ToHashSet();
        double Tree(ProcessStat process) => process.Ticks + all[process.Pid].Where(child => !named.Contains(child.Pid)).Sum(Tree);
        return new ProcessorTime([.. processes.Select(p => (p.Name, Stat(p.Pid) is { } root ? Tree(root) / TicksPerSecond : double.NaN))]);
    }

    public IEnumerable<(string Name, double Seconds)> Since(ProcessorTime before) => _spent.Zip(before._spent, (now, then) => (now.Name, now.Seconds - then.Seconds));

    private sealed record ProcessStat(int Pid, int Parent, double Ticks);

    // proc(5): after the name in parentheses, the parent is the 2nd field; utime, stime and the same of children that ended are the 12th to 15th
    private static ProcessStat? Stat(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return new ProcessStat(pid, int.Parse(fields[1], CultureInfo.InvariantCulture), fields[11..15].Sum(f => double.Parse(f, CultureInfo.InvariantCulture)));
        }
        catch (IOException)
        {
            return null;   // ended meanwhile
        }
    }

    [LibraryImport("libc", EntryPoint = "sysconf")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial long Sysconf(int name);
}
