using System.Runtime.InteropServices;
using Causality.Benchmarks;
using Causality.Benchmarks.Calibrators;
using Causality.Benchmarks.Faults;

if (args is ["k1-server", var port])
    return await EchoServer.Run(port);

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
// told to end, it still puts back what it has taken away: servers that stand still, alarms, small disks
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    stop.Cancel();
});
if (args is ["faults", .. var rest])
    return await FaultBench.Run(rest, stop.Token);
var names = args.Where(a => !a.StartsWith('-')).ToArray();
if (args.Except(["ingest", "query", "store", "--quick", "--enforce"]).FirstOrDefault() is { } unknown)
{
    await Console.Error.WriteLineAsync($"{unknown}?  usage: bench [ingest] [query] [store] [--quick] [--enforce], or bench faults");
    return 2;
}
var settings = BenchSettings.Read(quick: args.Contains("--quick"));
var figures = new Figures(Console.Out);
if (names.Length == 0 || names.Contains("ingest"))
    await new IngestBench(settings, figures).Run(stop.Token);
if (names.Length == 0 || names.Contains("query"))
    await new QueryBench(settings, figures).Run(stop.Token);
if (names.Length == 0 || names.Contains("store"))
    await new StoreBench(settings, figures).Run(stop.Token);
figures.Print();
return args.Contains("--enforce") && figures.AnyMissed ? 1 : 0;
