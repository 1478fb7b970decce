using System.Globalization;

namespace Causality.Benchmarks.Faults;

/// <summary>What is printed: a line when a fault is over, its troubles with examples, and the table at the end.</summary>
internal sealed class FaultTable(TextWriter output)
{
    private const int Examples = 5;
    private static readonly string[] Heads = ["fault", "sent", "accepted", "refused", "unknown", "repeats", "stored", "lost", "doubled", "invented", "changed", "ledger", "first 200", "drained", ""];
    private readonly List<string[]> _rows = [];

    public int Failures { get; private set; }

    public void Begin(Fault fault) => output.WriteLine($"{fault.Name}: {fault.Sentence}");

    public void Impossible(Fault fault, string why)
    {
        output.WriteLine($"  not run: {why}");
        _rows.Add([fault.Name, .. Enumerable.Repeat("", Heads.Length - 2), $"not run: {why}"]);
    }

    public void Broken(Fault fault, Exception failure)
    {
        Failures++;
        output.WriteLine($"  the check itself failed: {failure.GetType().Name}: {failure.Message}");
        _rows.Add([fault.Name, .. Enumerable.Repeat("", Heads.Length - 2), $"FAILED: {failure.Message.Split('\n')[0]}"]);
    }

    public void Add(FaultResult result)
    {
        Failures += result.Survived ? 0 : 1;
        var sets = result.Comparison;
        string[] row =
        [
            result.Fault, Text(result.Sent), Text(result.Accepted), Text(result.Refused), Text(result.Unknown), Text(result.Repeats), Text(result.Stored.Rows.Count), Text(sets.Lost.Count), Text(sets.Doubled.Count), Text(sets.Invented.Count),
            Text(sets.Changed.Count), result.Books.Count == 0 ? "balanced" : "NOT", Seconds(result.ToFirst), Seconds(result.ToDrained), result.Survived ? "" : "FAILED",
        ];
        _rows.Add(row);
        output.WriteLine("  " + string.Join(", ", Heads.Zip(row).Skip(1).Where(cell => cell.First.Length > 0).Select(cell => $"{cell.First} {cell.Second}")));
        foreach (var (what, which) in new[] { ("lost", sets.Lost), ("doubled", sets.Doubled), ("invented", sets.Invented), ("changed", sets.Changed), ("ledger", result.Books), ("trouble", result.Trouble) })
        {
            foreach (var one in which.Take(Examples))
                output.WriteLine($"    {what}: {one}");
            if (which.Count > Examples)
                output.WriteLine($"    {what}: and {which.Count - Examples} more");
        }
    }

    public void Print()
    {
        var all = _rows.Prepend(Heads).ToList();
        var widths = Heads.Select((_, i) => all.Max(r => i == Heads.Length - 1 ? 0 : r[i].Length)).ToArray();
        output.WriteLine();
        foreach (var row in all)
            output.WriteLine(string.Join("  ", row.Select((cell, i) => i is 0 || i == Heads.Length - 1 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
        output.WriteLine();
        output.WriteLine(Failures == 0 ? "Nothing accepted was lost, doubled, invented or changed." : $"{Failures} faults were not survived.");
    }

    private static string Text(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Seconds(double? value) => value is { } s ? s.ToString("0.0", CultureInfo.InvariantCulture) + " s" : "never";
}
