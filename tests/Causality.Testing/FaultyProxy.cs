using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Causality.Testing;

/// <summary>What a proxy does to a request, instead of passing it on and its answer back.</summary>
public abstract record Fault
{
    /// <summary>Answers itself, such as 503 with S3's <c>SlowDown</c>; the server never hears of the request.</summary>
    public sealed record Answer(int Status, string Code = "InternalError") : Fault;

    /// <summary>Cuts the connection; the server never hears of the request.</summary>
    public sealed record Reset : Fault;

    /// <summary>Says nothing until the client gives up; the server never hears of the request.</summary>
    public sealed record Hang : Fault;

    /// <summary>The server does what was asked, and the client waits for an answer until it gives up.</summary>
    public sealed record LoseAnswer : Fault;

    /// <summary>The server does what was asked, and the connection is cut instead of an answer.</summary>
    public sealed record CutAnswer : Fault;

    /// <summary>Half of the answer's body, then the connection is cut; or, <paramref name="Quietly"/>, an answer that claims to be no longer than that.</summary>
    public sealed record TruncateAnswer(bool Quietly = false) : Fault;

    /// <summary>The server gets half of the request's body, then its connection is cut.</summary>
    public sealed record TruncateUpload : Fault;

    /// <summary>Bodies trickle, both ways.</summary>
    public sealed record Slow(int BytesPerSecond) : Fault;

    /// <summary>The server does what was asked, then this happens, then its answer is passed back.</summary>
    public sealed record Then(Func<Task> Act) : Fault;
}

/// <summary>An HTTP proxy in front of one server which does harm on demand. The Host header is passed on, so signed requests stay valid.</summary>
public sealed class FaultyProxy : IAsyncDisposable
{
    private static readonly string[] OfTheConnection = ["Connection", "Expect", "Keep-Alive", "Transfer-Encoding", "Upgrade"];

    private readonly HttpMessageInvoker _server = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None });
    private readonly CancellationTokenSource _closing = new();
    private readonly WebApplication _app;
    private readonly Uri _target;
    private readonly Lock _gate = new();
    private (Fault Fault, Func<HttpRequest, bool> Which, int Times)? _armed;
    private int _requests, _harmed;

    private FaultyProxy(Uri target)
    {
        _target = target;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = kestrel.Limits.MinResponseDataRate = null;
        });
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(Handle);
    }

    /// <summary>Where clients reach it.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>Requests that came.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Requests that suffered a fault.</summary>
    public int Harmed => Volatile.Read(ref _harmed);

    public static async Task<FaultyProxy> Start(Uri target)
    {
        var proxy = new FaultyProxy(target);
        await proxy._app.StartAsync();
        return proxy;
    }

    /// <summary>The next requests, all or of a kind, suffer a fault, so many times; it replaces the one before.</summary>
    public void Harm(Fault fault, Func<HttpRequest, bool>? which = null, int times = int.MaxValue)
    {
        lock (_gate)
            _armed = (fault, which ?? (_ => true), times);
    }

    public void Heal()
    {
        lock (_gate)
            _armed = null;
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _app.StopAsync(_closing.Token);
        await _app.DisposeAsync();
        _server.Dispose();
        _closing.Dispose();
    }

    private Fault? Next(HttpRequest request)
    {
        Interlocked.Increment(ref _requests);
        lock (_gate)
        {
            if (_armed is not var (fault, which, times) || times == 0 || !which(request))
                return null;
            _armed = (fault, which, times - 1);
            _harmed++;
            return fault;
        }
    }

    private async Task Handle(HttpContext context)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _closing.Token);
        var fault = Next(context.Request);
        try
        {
            switch (fault)
            {
                case Fault.Answer(var status, var code):
                    context.Response.StatusCode = status;
                    await context.Response.WriteAsync($"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>of the test</Message></Error>", stop.Token);
                    return;
                case Fault.Reset:
                    context.Abort();
                    return;
                case Fault.Hang:
                    await Task.Delay(Timeout.Infinite, stop.Token);
                    return;
                default:
                    await Pass(context, fault, stop.Token);
                    return;
            }
        }
        catch (Exception) when (stop.IsCancellationRequested || fault is not null)
        {
            context.Abort();
        }
    }

    private async Task Pass(HttpContext context, Fault? fault, CancellationToken ct)
    {
        using var answer = await _server.SendAsync(Forward(context.Request, fault), ct);
        switch (fault)
        {
            case Fault.LoseAnswer:
                await Task.Delay(Timeout.Infinite, ct);
                return;
            case Fault.CutAnswer:
                context.Abort();
                return;
            case Fault.Then(var act):
                await act();
                break;
        }
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(h => !OfTheConnection.Contains(h.Key, StringComparer.OrdinalIgnoreCase)))
            context.Response.Headers[name] = values.ToArray();
        var length = context.Response.ContentLength;
        if (fault is Fault.TruncateAnswer { Quietly: true })
            context.Response.ContentLength = length / 2;
        if (HttpMethods.IsHead(context.Request.Method) || length is 0 || answer.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified)
            return;
        await using var body = await answer.Content.ReadAsStreamAsync(ct);
        await Trickle(body, context.Response.Body, fault is Fault.TruncateAnswer ? length / 2 : null, (fault as Fault.Slow)?.BytesPerSecond, ct);
        if (fault is Fault.TruncateAnswer { Quietly: false })
            context.Abort();
    }

    private HttpRequestMessage Forward(HttpRequest request, Fault? fault)
    {
        // as the client wrote it: decoding and encoding again would break its signature
        var path = request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var forwarded = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(_target.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (request.ContentLength is > 0 || request.Headers.TransferEncoding.Count > 0)
            forwarded.Content = new Body(request, fault is Fault.TruncateUpload ? request.ContentLength / 2 : null, (fault as Fault.Slow)?.BytesPerSecond);
        else if (request.ContentLength is 0)
            forwarded.Content = new ByteArrayContent([]);
        foreach (var (name, values) in request.Headers.Where(h => !OfTheConnection.Contains(h.Key, StringComparer.OrdinalIgnoreCase)))
            if (!forwarded.Headers.TryAddWithoutValidation(name, values.ToArray()))
                forwarded.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
        return forwarded;
    }

    private static async Task Trickle(Stream from, Stream to, long? most, int? bytesPerSecond, CancellationToken ct)
    {
        var buffer = new byte[Math.Clamp(bytesPerSecond / 10 ?? 65_536, 1, 65_536)];
        for (var left = most ?? long.MaxValue; left > 0;)
        {
            var read = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), ct);
            if (read == 0)
                return;
            await to.WriteAsync(buffer.AsMemory(0, read), ct);
            await to.FlushAsync(ct);
            left -= read;
            if (bytesPerSecond is { } rate)
                await Task.Delay(TimeSpan.FromSeconds((double)read / rate), ct);
        }
    }

    private sealed class Body(HttpRequest request, long? most, int? bytesPerSecond) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, request.HttpContext.RequestAborted);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await Trickle(request.Body, stream, most, bytesPerSecond, cancellationToken);
            if (most is not null)
                throw new IOException("the proxy cuts the upload");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = request.ContentLength ?? 0;
            return request.ContentLength is not null;
        }
    }
}
