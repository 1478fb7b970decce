using System.Globalization;
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
double? rate = null;
var names = new List<string>();
var (quick, enforce) = (false, false);
for (var i = 0; i < args.Length; i++)
    switch (args[i])
    {
        case "accept" or "ingest" or "query" or "store" or "soak": names.Add(args[i]); break;
        case "--quick": quick = true; break;
        case "--enforce": enforce = true; break;
        case "--rate" when i + 1 < args.Length && double.TryParse(args[i + 1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var given) && given > 0: (rate, i) = (given, i + 1); break;
        default:
            await Console.Error.WriteLineAsync($"{args[i]}?  usage: bench [ingest | accept] [query] [store] [--quick] [--enforce], bench soak [--rate EVENTS_PER_SECOND] [--quick] [--enforce], or bench faults");
            return 2;
    }
var settings = BenchSettings.Read(quick);
var figures = new Figures(Console.Out);
if (names.Count == 0 || names.Contains("ingest"))
    await new IngestBench(settings, figures).Run(stop.Token);
else if (names.Contains("accept"))
    await new AcceptBench(settings, figures).Run(stop.Token);
if (names.Count == 0 || names.Contains("query"))
    await new QueryBench(settings, figures).Run(stop.Token);
if (names.Count == 0 || names.Contains("store"))
    await new StoreBench(settings, figures).Run(stop.Token);
if (names.Contains("soak"))
    await new SoakBench(settings, figures, rate).Run(stop.Token);
figures.Print();
return enforce && figures.AnyMissed ? 1 : 0;
