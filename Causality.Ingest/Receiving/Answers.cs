using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Causality.Ingest.Capture;
using Microsoft.AspNetCore.Http;

namespace Causality.Ingest.Receiving;

/// <summary>What clients are answered besides verdicts: always JSON, since no message of the contract is for refusals.</summary>
internal static class Answers
{
    /// <summary><c>{"error":"…"}</c>; a wait is told in whole seconds, at least one.</summary>
    public static Task Refuse(this HttpResponse response, int status, string error, TimeSpan? retryAfter = null)
    {
        if (retryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        var body = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("error", error);
            json.WriteEndObject();
        }
        return response.Send(status, "application/json", body.WrittenMemory);
    }

    /// <summary><c>{"violations":[{"field":"…","description":"…"}]}</c></summary>
    public static Task Refuse(this HttpResponse response, int status, IReadOnlyList<Violation> violations)
    {
        var body = new ArrayBufferWriter<byte>(256);
        CaptureAnswers.WriteViolations(body, violations);
        return response.Send(status, "application/json", body.WrittenMemory);
    }

    /// <summary>The verdicts, in the format that the request had.</summary>
    public static Task Answer(this HttpResponse response, BodyFormat format, RequestShape shape, CaptureResult result, int protocol)
    {
        var body = new ArrayBufferWriter<byte>(64 + (96 * result.Results.Count));
        CaptureAnswers.Write(body, format, shape, result, protocol);
        return response.Send(StatusCodes.Status200OK, format is BodyFormat.Protobuf ? "application/x-protobuf" : "application/json", body.WrittenMemory);
    }

    private static Task Send(this HttpResponse response, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body).AsTask();
    }
}
