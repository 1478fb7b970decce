using System.Diagnostics;
using System.Globalization;
using Causality.Benchmarks.Load;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Causality.Benchmarks.Calibrators;

/// <summary>K1: what Kestrel does when it only reads the body and answers. A process of its own, as the host is.</summary>
internal static class EchoServer
{
    private static readonly byte[] Answer = "{\"acceptedCount\":50}"u8.ToArray();

    public static async Task<int> Run(string port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var app = builder.Build();
        app.Run(async context =>
        {
            while (await context.Request.BodyReader.ReadAsync(context.RequestAborted) is var read)
            {
                context.Request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    break;
            }
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = Answer.Length;
            await context.Response.Body.WriteAsync(Answer, context.RequestAborted);
        });
        await app.RunAsync();
        return 0;
    }

    /// <summary>Events per second, driven by the same client with the same requests.</summary>
    public static async Task<LoadResult> Measure(Func<Request> request, int connections, BenchSettings settings, CancellationToken ct)
    {
        var port = ChildProcess.FreePort();
        await using var server = ChildProcess.Start(Environment.ProcessPath!, [typeof(EchoServer).Assembly.Location, "k1-server", port.ToString(CultureInfo.InvariantCulture)], null, log: null);
        await Answers(port, ct);
        var load = new LoadGenerator(port, request);
        await load.Closed(connections, settings.Warm, ct);
        return await load.Closed(connections, settings.Measure, ct);
    }

    private static async Task Answers(int port, CancellationToken ct)
    {
        for (var start = Stopwatch.GetTimestamp(); ; await Task.Delay(50, ct))
        {
            try
            {
                using var connection = await Connection.Open(port, ct);
                return;
            }
            catch (System.Net.Sockets.SocketException) when (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20))
            {
                // not listening yet
            }
        }
    }
}
