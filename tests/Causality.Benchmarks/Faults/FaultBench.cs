using System.Globalization;

namespace Causality.Benchmarks.Faults;

/// <summary>
/// <c>bench faults [--only NAME]… [--list] [--quick] [--store local|s3] [--seed N]</c>: sends events with known keys while things go wrong, then reads the lake from outside
/// and compares. Exit code 1 when anything accepted is lost, doubled, invented or changed, or the books say otherwise; 2 for a wrong argument;
/// 130 when it was told to end.
/// </summary>
internal static class FaultBench
{
    private const string Usage = "usage: bench faults [--only NAME[,NAME]] [--list] [--quick] [--store local|s3] [--seed N]";

    /// <summary>What <c>--store</c> may say, and how a lake of that kind is made for a host's data folder.</summary>
    private static readonly Dictionary<string, Func<string, Task<ILakeFolder>>> Stores = new()
    {
        ["local"] = LocalLake.Open,
        ["s3"] = S3Lake.Open,
    };

    public static async Task<int> Run(string[] args, CancellationToken ct)
    {
        var (quick, list, store, seed) = (false, false, "local", Random.Shared.Next(1_000_000));
        var only = new List<string>();
        for (var i = 0; i < args.Length; i++)
            switch (args[i])
            {
                case "--quick": quick = true; break;
                case "--list": list = true; break;
                case "--only" when i + 1 < args.Length: only.AddRange(args[++i].Split(',')); break;
                case "--store" when i + 1 < args.Length: store = args[++i]; break;
                case "--seed" when i + 1 < args.Length && int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out seed): i++; break;
                default: return await Misuse($"{args[i]}?");
            }
        if (!Stores.TryGetValue(store, out var lake))
            return await Misuse($"--store {store}? There is {string.Join(", ", Stores.Keys)}.");
        var settings = FaultSettings.Read(store, quick);
        var all = await FaultList.All(settings, seed, ct);
        if (only.FirstOrDefault(name => !all.Any(f => f.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase))) is { } unknown)
            return await Misuse($"No fault begins with {unknown}; --list shows them.");
        var chosen = all.Where(f => only.Count == 0 || only.Any(name => f.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase))).ToList();
        if (list)
        {
            foreach (var fault in chosen)
                Console.WriteLine($"{fault.Name,-32} {fault.Sentence}");
            return 0;
        }
        var table = new FaultTable(Console.Out);
        var run = new FaultRun(settings, lake);
        foreach (var fault in chosen)
        {
            table.Begin(fault);
            if (fault.Impossible(settings) is { } why)
            {
                table.Impossible(fault, why);
                continue;
            }
            try
            {
                table.Add(await run.Run(fault, ct));
            }
            catch (Exception failure) when (!ct.IsCancellationRequested)
            {
                table.Broken(fault, failure);   // the next fault may still be told
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                table.Print();
                Console.WriteLine($"Told to end at {fault.Name}: it and those after it are not proven.");
                return 130;
            }
        }
        table.Print();
        return table.Failures == 0 ? 0 : 1;
    }

    private static async Task<int> Misuse(string what)
    {
        await Console.Error.WriteLineAsync($"{what}  {Usage}");
        return 2;
    }
}
