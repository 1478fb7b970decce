using System.Text.Json;
using Causality.Ingest.Capture;

namespace Causality.Ingest.Segment;

/// <summary>
/// <c>{"success":true}</c>, as Segment answers whatever it could read. Calls that were rejected are counted beside it, and with protocol 2 every
/// verdict is listed: Segment's own clients look at the status alone.
/// </summary>
internal static class SegmentAnswers
{
    public static void Write(Utf8JsonWriter json, CaptureResult result, int protocol, Action<Utf8JsonWriter> results)
    {
        json.WriteStartObject();
        json.WriteBoolean("success"u8, true);
        if (result.RejectedCount > 0 || protocol >= 2)
        {
            json.WriteNumber("acceptedCount"u8, result.AcceptedCount);
            json.WriteNumber("rejectedCount"u8, result.RejectedCount);
        }
        if (protocol >= 2)
            results(json);
        json.WriteEndObject();
    }
}
