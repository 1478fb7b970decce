using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Causality.Benchmarks.Calibrators;

/// <summary>K4: what PostgreSQL does with the same statements, prepared, driven by its own pgbench.</summary>
internal static partial class PgBench
{
    /// <summary>Transactions per second of a script with this many clients.</summary>
    public static async Task<double> Measure(NpgsqlConnectionStringBuilder database, string script, int clients, TimeSpan time, BenchSettings settings, CancellationToken ct)
    {
        var file = Path.Combine(settings.Folder, $"{database.Database}.pgbench");
        await File.WriteAllTextAsync(file, script, ct);
        var start = new ProcessStartInfo(settings.PgBench,
        [
            "--no-vacuum", "--protocol=prepared", $"--client={clients}", $"--jobs={Math.Min(clients, Environment.ProcessorCount)}", $"--time={(int)time.TotalSeconds}", $"--file={file}",
            $"--host={database.Host}", $"--port={database.Port}", $"--username={database.Username}", database.Database!,
        ]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PGPASSWORD"] = database.Password;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{settings.PgBench} did not start.");
        var (output, error) = (process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        await process.WaitForExitAsync(ct);
        File.Delete(file);
        return process.ExitCode == 0 && Rate().Match(await output) is { Success: true } rate
            ? double.Parse(rate.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"pgbench ended with {process.ExitCode}: {await error}{await output}");
    }

    [GeneratedRegex(@"^tps = ([0-9.]+)", RegexOptions.Multiline)]
    private static partial Regex Rate();
}
