using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Causality.Contracts.Events.V1;
using Causality.Ingest.Segment;
using Google.Protobuf;

namespace Causality.Ingest.Capture;

/// <summary>
/// Writes what a client reads. Old clients parse answers strictly and send a batch again when one has a field they do not know, so
/// zero values are left out and code and field are given only to protocol 2.
/// </summary>
internal static class CaptureAnswers
{
    private const string Accepted = "accepted";
    private const string Rejected = "rejected";

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The answer to a request that was taken, in the request's own format.</summary>
    public static void Write(IBufferWriter<byte> into, BodyFormat format, RequestShape shape, CaptureResult result, int protocol)
    {
        var single = !shape.IsBatch();
        if (format == BodyFormat.Protobuf)
        {
            (single ? (IMessage)Single(result.Results[0]) : Batch(result, protocol)).WriteTo(into);
            return;
        }
        using var json = new Utf8JsonWriter(into, Plain);
        if (shape.IsSegment())
            SegmentAnswers.Write(json, result, protocol, into => WriteResults(into, result, protocol));
        else if (single)
            Write(json, result.Results[0], protocol);
        else
            WriteBatch(json, result, protocol);
    }

    /// <summary>The body of a 400, always JSON: <c>{"violations":[{"field","description"}]}</c>.</summary>
    public static void WriteViolations(IBufferWriter<byte> into, IReadOnlyList<Violation> violations)
    {
        using var json = new Utf8JsonWriter(into, Plain);
        json.WriteStartObject();
        json.WriteStartArray("violations"u8);
        foreach (var violation in violations)
        {
            json.WriteStartObject();
            json.WriteString("field"u8, violation.Field);
            json.WriteString("description"u8, violation.Description);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteBatch(Utf8JsonWriter json, CaptureResult result, int protocol)
    {
        json.WriteStartObject();
        if (result.AcceptedCount > 0)
            json.WriteNumber("acceptedCount"u8, result.AcceptedCount);
        if (result.RejectedCount > 0)
            json.WriteNumber("rejectedCount"u8, result.RejectedCount);
        WriteResults(json, result, protocol);
        json.WriteEndObject();
    }

    private static void WriteResults(Utf8JsonWriter json, CaptureResult result, int protocol)
    {
        json.WriteStartArray("results"u8);
        foreach (var verdict in result.Results)
            Write(json, verdict, protocol);
        json.WriteEndArray();
    }

    // The answer to a single event is the verdict at index 0, which is left out.
    private static void Write(Utf8JsonWriter json, in EventVerdict verdict, int protocol)
    {
        json.WriteStartObject();
        if (verdict.Index > 0)
            json.WriteNumber("index"u8, verdict.Index);
        if (!verdict.EventId.IsEmpty)
            json.WriteString("eventId"u8, verdict.EventId.Span);
        json.WriteString("status"u8, verdict.Accepted ? Accepted : Rejected);
        if (verdict.Error is not null)
            json.WriteString("error"u8, verdict.Error);
        if (protocol >= 2 && !verdict.Accepted)
        {
            json.WriteString("code"u8, verdict.Code);
            json.WriteString("field"u8, verdict.Field);
        }
        json.WriteEndObject();
    }

    private static IngestEventResponse Single(in EventVerdict verdict) =>
        new() { EventId = Encoding.UTF8.GetString(verdict.EventId.Span), Status = Accepted };

    private static IngestEventBatchResponse Batch(CaptureResult result, int protocol)
    {
        var answer = new IngestEventBatchResponse { AcceptedCount = result.AcceptedCount, RejectedCount = result.RejectedCount };
        foreach (var verdict in result.Results)
        {
            answer.Results.Add(new EventResult
            {
                Index = verdict.Index,
                EventId = Encoding.UTF8.GetString(verdict.EventId.Span),
                Status = verdict.Accepted ? Accepted : Rejected,
                Error = verdict.Error ?? "",
                Code = protocol >= 2 ? verdict.Code ?? "" : "",
                Field = protocol >= 2 ? verdict.Field ?? "" : "",
            });
        }
        return answer;
    }
}
