using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Causality.Benchmarks;

/// <summary>One measured number. A ratio compares it with what the same machine did without the product, in the same run.</summary>
internal sealed record Figure(string Name, double Value, string Unit, double? Calibrator = null, double? Ratio = null, string? Budget = null, bool? Met = null);

/// <summary>Collects figures, says each when it is known, and prints them all as a table and as JSON lines.</summary>
internal sealed class Figures(TextWriter output)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly List<Figure> _all = [];

    public bool AnyMissed => _all.Any(f => f.Met == false);

    public void Add(Figure figure)
    {
        _all.Add(figure);
        output.WriteLine($"  {figure.Name}: {Text(figure.Value)} {figure.Unit}");
    }

    public void AtLeast(string name, double value, string unit, double calibrator, double? share)
    {
        var ratio = value / calibrator;
        Add(new Figure(name, value, unit, calibrator, ratio, share is null ? null : $">= {Text(share.Value)} x", share is null ? null : ratio >= share));
    }

    public void AtLeast(string name, double value, string unit, double least) => Add(new Figure(name, value, unit, Budget: $">= {Text(least)} {unit}", Met: value >= least));

    public void AtMost(string name, double value, string unit, double most) => Add(new Figure(name, value, unit, Budget: $"<= {Text(most)} {unit}", Met: value <= most));

    public void Step(string what) => output.WriteLine(what);

    public void Print()
    {
        string[] heads = ["figure", "value", "unit", "calibrator", "ratio", "budget", "met"];
        string[][] rows = [heads, .. _all.Select(f => new[]
        {
            f.Name, Text(f.Value), f.Unit, f.Calibrator is { } c ? Text(c) : "", f.Ratio is { } r ? r.ToString("0.00", CultureInfo.InvariantCulture) : "", f.Budget ?? "", f.Met switch { true => "yes", false => "NO", _ => "" },
        })];
        var widths = heads.Select((_, i) => rows.Max(r => r[i].Length)).ToArray();
        output.WriteLine();
        foreach (var row in rows)
            output.WriteLine(string.Join("  ", row.Select((cell, i) => i is 1 or 3 or 4 ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd());
        output.WriteLine();
        foreach (var f in _all)
            output.WriteLine(JsonSerializer.Serialize(new { figure = f.Name, value = Round(f.Value), unit = f.Unit, calibrator = Round(f.Calibrator), ratio = Round(f.Ratio), budget = f.Budget, met = f.Met }, Plain));
    }

    private static double? Round(double? value) => value is { } v ? Math.Round(v, 3) : null;

    private static string Text(double value) => value.ToString(Math.Abs(value) < 100 ? "#,0.##" : "#,0", CultureInfo.InvariantCulture);
}
