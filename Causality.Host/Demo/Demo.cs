using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Causality.Host.Demo;

/// <summary>
/// <c>causality demo</c>: sends a believable shop's history through the HTTP API, as any client would. Exit code 0 when every event was
/// accepted, 1 when not, 2 when the command line is wrong.
/// </summary>
internal static class Demo
{
    private const string Usage = """
        usage: causality demo [--events 200000] [--days 90] [--seed 1] [--until 2026-01-31T00:00Z]
                              [--url http://127.0.0.1:8080] [--key API_KEY] [--app APP_ID]
          --until   end of the history, by default this hour; the same events, days, seed and until give the same history
          --url, --key, --app are taken from CAUSALITY_URL, CAUSALITY_API_KEY, CAUSALITY_APP_ID when they are not given
        """;

    public static async Task<int> Run(string[] args, CancellationToken cancellationToken)
    {
        if (args.Contains("--help"))
        {
            Console.WriteLine(Usage);
            return 0;
        }
        if (DemoOptions.Read(args, Environment.GetEnvironmentVariable, TimeProvider.System.GetUtcNow(), out var wrong) is not { } options)
        {
            await Console.Error.WriteLineAsync($"{wrong}\n{Usage}");
            return 2;
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Sending {options.History.Events:N0} events of {options.History.Days} days up to {options.History.Until:yyyy-MM-dd HH:mm}Z, seed {options.History.Seed}, to {options.Url}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Add --until {options.History.Until:yyyy-MM-ddTHH:mm}Z to send the same again."));
        using var http = new HttpClient { BaseAddress = options.Url, Timeout = TimeSpan.FromSeconds(60) };
        http.DefaultRequestHeaders.Add("X-API-Key", options.Key);
        var progress = new Progress(options.History.Events, Console.Out, inPlace: !Console.IsOutputRedirected, TimeProvider.System);
        var upload = new Upload(http, progress, TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;               // it ends by itself, and says how far it came
            stop.Cancel();
        });
        var watch = Stopwatch.StartNew();
        try
        {
            await upload.Send(new History(options.History).Events(), stop.Token);
        }
        catch (UploadFailedException e)
        {
            progress.End();
            await Console.Error.WriteLineAsync($"Stopped after {Counted(upload)}: {e.Message}");
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            progress.End();
            await Console.Error.WriteLineAsync($"Cancelled after {Counted(upload)}.");
            return 1;
        }
        progress.End();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Sent {upload.Accepted + upload.Rejected:N0} events in {watch.Elapsed.TotalSeconds:N1} s ({(upload.Accepted + upload.Rejected) / watch.Elapsed.TotalSeconds:N0}/s): {Counted(upload)}, each counted once, {upload.Retries:N0} requests repeated."));
        foreach (var (reason, count) in upload.Reasons.OrderByDescending(r => r.Value).Take(5))
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {count:N0} rejected: {reason}"));
        return upload.Rejected == 0 ? 0 : 1;
    }

    private static string Counted(Upload upload) => string.Create(CultureInfo.InvariantCulture, $"{upload.Accepted:N0} accepted, {upload.Rejected:N0} rejected");
}
