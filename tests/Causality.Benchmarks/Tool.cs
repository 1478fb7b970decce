using System.Diagnostics;

namespace Causality.Benchmarks;

/// <summary>A command that ends by itself.</summary>
internal static class Tool
{
    /// <summary>Answers what it printed; throws, with its words, when it fails.</summary>
    public static async Task<string> Run(string file, IEnumerable<string> arguments, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{Path.GetFileName(file)} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await output}{await error}");
    }
}
