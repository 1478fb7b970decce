using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Causality.Benchmarks;

/// <summary>A process that the benchmark started, and ends by its id with SIGTERM.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    public static ChildProcess Start(string file, IEnumerable<string> arguments, Dictionary<string, string>? environment, string? log)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? [])
            start.Environment[name] = value;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start.");
        var gate = new Lock();
        void Keep(object _, DataReceivedEventArgs line)
        {
            if (log is null || line.Data is null)
                return;
            lock (gate)
                File.AppendAllText(log, line.Data + Environment.NewLine);
        }
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildProcess(process);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public void Send(Signal signal) => Signals.Send(_process.Id, signal);

    /// <summary>Resident memory in MB: now (<c>VmRSS</c>) or the most so far (<c>VmHWM</c>).</summary>
    public double Memory(string field) =>
        File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith(field + ":", StringComparison.Ordinal)) is var line
            ? double.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024 : double.NaN;

    /// <summary>Waits for the end of a process that ends by itself; answers its exit code.</summary>
    public async Task<int> End(CancellationToken ct)
    {
        await _process.WaitForExitAsync(ct);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Send(Signal.Continue);
            Send(Signal.Terminate);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
        _process.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
