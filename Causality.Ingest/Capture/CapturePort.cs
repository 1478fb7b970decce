using System.Buffers;
using System.Text.Json;
using Causality.Contracts.Events;

namespace Causality.Ingest.Capture;

internal enum BodyFormat { Json, Protobuf }

internal enum RequestShape { Single, Batch, FlatSingle, FlatBatch }

public sealed class CaptureOptions
{
    public int MaxBatchEvents { get; set; } = 1000;
}

internal readonly record struct ClientInfo(string? UserAgent, string? IpHash);

internal sealed record Violation(string Field, string Description, string Code);

internal readonly record struct EventVerdict(int Index, ReadOnlyMemory<byte> EventId, string? Error, string? Field, string? Code);

internal sealed class CaptureResult
{
    public IReadOnlyList<Violation> Violations { get; init; } = [];
    public IReadOnlyList<EventVerdict> Results { get; init; } = [];
    public int AcceptedCount { get; init; }
    public int RejectedCount { get; init; }
}

internal sealed class EventCapture(CaptureOptions options)
{
    public CaptureResult Capture(ReadOnlyMemory<byte> body, BodyFormat format, RequestShape shape, string appId, DateTimeOffset receivedAt, in ClientInfo client, EventBatchWriter into) =>
        throw new NotSupportedException($"{options.MaxBatchEvents}");
}

internal static class CaptureAnswers
{
    public static void Write(IBufferWriter<byte> into, BodyFormat format, RequestShape shape, CaptureResult result, int protocol) =>
        into.Write("{}"u8);

    public static void WriteViolations(IBufferWriter<byte> into, IReadOnlyList<Violation> violations)
    {
        using var json = new Utf8JsonWriter(into);
        JsonSerializer.Serialize(json, new { violations = violations.Select(v => new { field = v.Field, description = v.Description }) });
    }
}
