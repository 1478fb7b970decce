using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;
using NUnit.Framework;

namespace Causality.Integration.Tests;

/// <summary>The program in a process of its own, as <c>./causality serve</c> runs it: one that can be killed.</summary>
internal sealed class HostOutside : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly Process _process;
    private int _disposed;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostOutside(Process process) => _process = process;

    public EventClient Client { get; private set; } = null!;

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public static async Task<HostOutside> Launch(World world, Assembly program, IReadOnlyList<string> arguments, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [program.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("CAUSALITY_", StringComparison.Ordinal) && n != "CAUSALITY_DUCKDB").ToList())
            start.Environment.Remove(name);
        (string Name, string Value)[] all =
        [
            ("POSTGRES", world.Postgres), ("RABBITMQ", world.RabbitMq.ToString()), ("DATA", world.Data), ("PORT", "0"),
            ("APP_ID", World.App), ("API_KEY", World.Key), ("API_KEY_EVENTS_PER_SECOND", "1000000"), ("API_KEY_BURST", "1000000"),
            ("ADMIN_EMAIL", World.Email), ("ADMIN_PASSWORD", World.Password), ("SINK__BUSYINTERVAL", "00:00:00.5"),
            .. world.S3 is { } s3 ? [("S3__ENDPOINT", s3.Endpoint), ("S3__BUCKET", s3.Bucket), ("S3__ACCESSKEY", s3.AccessKey), ("S3__SECRETKEY", s3.SecretKey), ("S3__CREATEBUCKET", "true")] : Array.Empty<(string, string)>(),
            .. settings,
        ];
        foreach (var (name, value) in all)
            start.Environment["CAUSALITY_" + name] = value;
        var host = new HostOutside(Process.Start(start)!);
        await host.Listen();
        return host;
    }

    /// <summary>kill -9.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Until it has died by itself.</summary>
    public Task Death() => _process.WaitForExitAsync().WaitAsync(Patience);

    /// <summary>SIGTERM. Answers the exit code and how long it took.</summary>
    public async Task<(int ExitCode, TimeSpan Took)> Terminate()
    {
        var started = Stopwatch.GetTimestamp();
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return (_process.ExitCode, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>May be called twice: by the test that is done with it, and by the world at its end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        Client?.Dispose();
        if (!_process.HasExited)
            await Kill();
        _process.Dispose();
    }

    private async Task Listen()
    {
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var ended = _process.WaitForExitAsync();
        if (await Task.WhenAny(_address.Task, ended, Task.Delay(Patience)) != _address.Task)
            Assert.Fail($"The host did not start:{Environment.NewLine}{Output}");
        Client = new EventClient(await _address.Task);
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.AppendLine(line);
        if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
            _address.TrySetResult(new Uri(line[(at + Listening.Length)..].Split('"')[0]));
    }
}
