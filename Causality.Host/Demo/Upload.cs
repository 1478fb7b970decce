using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Threading.Channels;

namespace Causality.Host.Demo;

/// <summary>
/// Sends events in batches, several requests at a time. A request that the server could not take (429, 5xx, no answer) is sent again
/// with the same bytes, idempotency keys included, so that a repeat adds nothing; Retry-After is honored.
/// </summary>
internal sealed class Upload(HttpClient http, Progress progress, TimeProvider time)
{
    public const int BatchSize = 200;
    private const int InFlight = 4;
    private const int Attempts = 12;                    // five minutes or so
    private const int AttemptsAtFirst = 4;              // a server that never answered is a wrong address rather than a pause
    private const double LongestBackoffSeconds = 30;

    private long _accepted;
    private long _rejected;
    private long _retries;

    public long Accepted => Interlocked.Read(ref _accepted);
    public long Rejected => Interlocked.Read(ref _rejected);
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Why events were rejected, and how many for each reason.</summary>
    public ConcurrentDictionary<string, long> Reasons { get; } = new(StringComparer.Ordinal);

    /// <summary>Throws <see cref="UploadFailedException"/> when the server refuses a whole request or stays away.</summary>
    public async Task Send(IEnumerable<DemoEvent> events, CancellationToken cancellationToken)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var batches = Channel.CreateBounded<(byte[] Body, int Events)>(InFlight * 2);
        var senders = Enumerable.Range(0, InFlight).Select(_ => Task.Run(() => SendAll(batches.Reader, failed), CancellationToken.None)).ToArray();
        try
        {
            foreach (var batch in events.Chunk(BatchSize))
                await batches.Writer.WriteAsync((Body(batch), batch.Length), failed.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // a sender has given up; its reason is thrown below
        }
        finally
        {
            batches.Writer.Complete();
            await Task.WhenAll(senders);
        }
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static byte[] Body(DemoEvent[] batch)
    {
        var body = new ArrayBufferWriter<byte>(batch.Sum(e => e.Json.Length + 1) + 16);
        body.Write("{\"events\":["u8);
        for (var i = 0; i < batch.Length; i++)
        {
            if (i > 0)
                body.Write(","u8);
            body.Write(batch[i].Json);
        }
        body.Write("]}"u8);
        return body.WrittenSpan.ToArray();
    }

    private async Task SendAll(ChannelReader<(byte[] Body, int Events)> batches, CancellationTokenSource failed)
    {
        try
        {
            await foreach (var (body, events) in batches.ReadAllAsync(failed.Token))
            {
                await SendOne(body, events, failed.Token);
                progress.Report(Accepted + Rejected);
            }
        }
        catch (UploadFailedException)
        {
            await failed.CancelAsync();
            throw;
        }
        catch (OperationCanceledException) when (failed.IsCancellationRequested)
        {
            // the caller, or another sender, has given up, and says so itself
        }
    }

    private async Task SendOne(byte[] body, int events, CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            string problem;
            TimeSpan? asked = null;
            var limited = false;
            try
            {
                using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
                using var response = await http.PostAsync(new Uri("v1/events/batch", UriKind.Relative), content, cancellationToken);
                var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    Count(answer, events);
                    return;
                }
                problem = $"{http.BaseAddress} answered {(int)response.StatusCode} {System.Text.Encoding.UTF8.GetString(answer.AsSpan(0, Math.Min(answer.Length, 300)))}";
                limited = response.StatusCode == HttpStatusCode.TooManyRequests;
                if (!limited && response.StatusCode != HttpStatusCode.RequestTimeout && (int)response.StatusCode < 500)
                    throw new UploadFailedException(problem);
                asked = response.Headers.RetryAfter switch { { Delta: { } delta } => delta, { Date: { } at } => at - time.GetUtcNow(), _ => null };
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                problem = $"{http.BaseAddress} did not answer: {e.Message}";
            }
            // being asked to slow down is no failure, however often
            failures += limited ? 0 : 1;
            if (failures >= (Accepted + Rejected == 0 ? AttemptsAtFirst : Attempts))
                throw new UploadFailedException(problem);
            Interlocked.Increment(ref _retries);
            var wait = asked ?? TimeSpan.FromSeconds(Math.Min(0.25 * Math.Pow(2, failures), LongestBackoffSeconds));
            await Task.Delay(wait < TimeSpan.Zero ? TimeSpan.Zero : wait, time, cancellationToken);
        }
    }

    private void Count(byte[] answer, int events)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            // zeros are left out of answers
            var accepted = json.RootElement.TryGetProperty("acceptedCount", out var a) ? a.GetInt32() : 0;
            var rejected = json.RootElement.TryGetProperty("rejectedCount", out var r) ? r.GetInt32() : 0;
            if (accepted + rejected != events)
                throw new UploadFailedException($"{http.BaseAddress} was sent {events} events and answered for {accepted + rejected}.");
            Interlocked.Add(ref _accepted, accepted);
            Interlocked.Add(ref _rejected, rejected);
            if (rejected == 0)
                return;
            foreach (var result in json.RootElement.GetProperty("results").EnumerateArray())
            {
                if (result.TryGetProperty("error", out var error))
                    Reasons.AddOrUpdate(error.GetString() ?? "", 1, (_, n) => n + 1);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new UploadFailedException($"{http.BaseAddress} answered something else than a batch's verdict: {e.Message}");
        }
    }
}

/// <summary>The server refuses, or stays away; the message says which and why.</summary>
internal sealed class UploadFailedException(string message) : Exception(message);
