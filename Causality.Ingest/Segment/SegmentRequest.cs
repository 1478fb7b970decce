using System.Text.Json;
using Causality.Ingest.Capture;

namespace Causality.Ingest.Segment;

/// <summary>Reads what stands around the calls of a batch: <c>{"batch":[…],"sentAt","context","writeKey"}</c>, in any order.</summary>
internal static class SegmentRequest
{
    /// <summary>
    /// Leaves the reader at the end of the request, and <paramref name="calls"/> at the value of <c>batch</c>, or where the reader stood when there is none.
    /// Null, or why the request is refused.
    /// </summary>
    public static CaptureResult? Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, JsonCapture json, int maxContextBytes, out SegmentBatch batch, out Utf8JsonReader calls)
    {
        batch = default;
        calls = reader;
        var seen = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isBatch, isSent, isContext) = (json.IsNamed(ref reader, "batch"u8), json.IsNamed(ref reader, "sentAt"u8), json.IsNamed(ref reader, "context"u8));
            reader.Read();
            if (isBatch && seen)
                return CaptureResult.Refused("batch", "is given twice", "duplicate");
            if (isBatch && reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.Null))
                return CaptureResult.Refused("batch", "must be an array", "invalid");
            if (isBatch)
            {
                seen = true;
                calls = reader;
            }
            if (isSent && reader.TokenType == JsonTokenType.String && Rfc3339.TryParse(reader.ValueSpan, out var sent) && EventTime.IsTime(sent))
                batch = batch with { SentMs = sent };
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isContext && body.Span[start] == '{')
                batch = batch with { Context = body[start..(int)reader.BytesConsumed] };
        }
        return batch.Context.Length > maxContextBytes ? CaptureResult.Refused("context", $"is larger than {maxContextBytes} bytes", "too_large") : null;
    }
}
