using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Causality.Benchmarks;

internal enum Signal
{
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>Signals to processes that the benchmark started, or had started, by their ids.</summary>
internal static partial class Signals
{
    public static void Send(int pid, Signal signal) => _ = Kill(pid, (int)signal);

    /// <summary>To a process and to all that descend from it: PostgreSQL is many. Found first: the children of who is dead are somebody else's.</summary>
    public static void SendToTree(int pid, Signal signal)
    {
        foreach (var process in Tree(pid).ToList())
            Send(process, signal);
    }

    private static IEnumerable<int> Tree(int pid) => Children(pid).SelectMany(Tree).Prepend(pid);

    private static List<int> Children(int parent)
    {
        var children = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Parent(folder) == parent)
                children.Add(pid);
        return children;
    }

    private static int Parent(string folder)
    {
        try
        {
            var fields = File.ReadAllText(Path.Combine(folder, "stat"));
            return int.Parse(fields[(fields.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int pid, int signal);
}
