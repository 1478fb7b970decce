using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Causality.Contracts.Events;
using Causality.Ingest.Enrichment;
using Causality.Ingest.Receiving;
using Causality.Ingest.Segment;

namespace Causality.Ingest.Capture;

/// <summary>
/// Turns a request's bytes into rows and verdicts: read once, each event judged by itself, nothing written anywhere else. A body that is
/// broken in its JSON, its encoding or its framing is refused whole, and then nothing of it is in the batch. For any number of threads.
/// </summary>
internal sealed class EventCapture(CaptureOptions options)
{
    private const int LargestKept = 1024 * 1024;

    private readonly ConcurrentBag<Capturing> _idle = [];
    private readonly UserAgents _agents = new();

    /// <summary>Adds the accepted events of a body to <paramref name="into"/>; <paramref name="appId"/> is the API key's app.</summary>
    public CaptureResult Capture(
        ReadOnlyMemory<byte> body, BodyFormat format, RequestShape shape, string appId, DateTimeOffset receivedAt, in ClientInfo client, EventBatchWriter into)
    {
        if (!_idle.TryTake(out var capturing))
            capturing = new Capturing(options, _agents);
        try
        {
            var hash = client.Rules is { } rules ? AddressHash.Of(client.Address, rules.IpSalt, rules.IpPolicy) : null;
            var receipt = new Receipt(Encoding.UTF8.GetBytes(appId), Encoding.UTF8.GetBytes(hash ?? ""), receivedAt, client.Rules);
            var result = capturing.Read(body, format, shape, receipt, client);
            if (result.Violations.Count == 0)
                into.Append(capturing.Batch.Written.Span, capturing.Batch.Count);
            return result;
        }
        finally
        {
            capturing.Close();
            if (capturing.Footprint <= LargestKept)
                _idle.Add(capturing);
            else
                capturing.Dispose();
        }
    }

    private sealed class Capturing : IDisposable
    {
        private readonly CaptureOptions _options;
        private readonly EventDraft _draft = new();
        private readonly JsonCapture _json;
        private readonly ProtobufCapture _protobuf;
        private readonly ClientShapes _shapes;
        private readonly SegmentShape _segment;
        private readonly Enricher _enricher;
        private readonly Envelope _envelope;
        private RequestShape _shape;
        private SegmentBatch _batch;
        private string? _userAgent;
        private Receipt _receipt;
        private CaptureResult _result = new();
        private int _largestBatch;

        public Capturing(CaptureOptions options, UserAgents agents)
        {
            _options = options;
            _json = new JsonCapture(options, _draft);
            _protobuf = new ProtobufCapture(options, _draft);
            _shapes = new ClientShapes(_json, _draft);
            _segment = new SegmentShape(options, _json, _draft);
            _enricher = new Enricher(_draft, agents);
            _envelope = new Envelope(options, _draft);
        }

        public EventBatchWriter Batch { get; } = new();

        public int Footprint => _draft.Footprint + _largestBatch;

        private bool IsBatch => _shape.IsBatch();

        // what a request calls its events
        private string Events => _shape == RequestShape.SegmentBatch ? "batch" : IsBatch ? "events" : "event";

        public CaptureResult Read(ReadOnlyMemory<byte> body, BodyFormat format, RequestShape shape, in Receipt receipt, in ClientInfo client)
        {
            (_shape, _receipt, _result, _batch) = (shape, receipt, new CaptureResult(), default);
            _userAgent = client.UserAgent;
            if (body.IsEmpty)
                return CaptureResult.Refused("body", "must not be empty", "invalid");
            return format == BodyFormat.Json ? ReadJson(body) : ReadProtobuf(body);
        }

        public void Close()
        {
            _largestBatch = Math.Max(_largestBatch, Batch.Length);
            Batch.Clear();
            _draft.Open(default);
            _protobuf.Open(default);
            (_result, _batch) = (new CaptureResult(), default);
        }

        public void Dispose() => Batch.Dispose();

        private CaptureResult ReadJson(ReadOnlyMemory<byte> body)
        {
            if (body.Span.StartsWith("\uFEFF"u8))
                body = body[3..];
            if (!Utf8.IsValid(body.Span))
                return CaptureResult.Refused("body", "is not UTF-8", "invalid");
            _draft.Open(body);
            var reader = new Utf8JsonReader(body.Span, JsonCapture.Options);
            try
            {
                reader.Read();
                var refused = ReadRequest(ref reader, body);
                if (refused is not null)
                    return refused;
                reader.Read();   // throws when there is anything behind the request
            }
            catch (JsonException e)
            {
                return CaptureResult.Refused("body", $"is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}", "invalid");
            }
            return Verdicts();
        }

        private CaptureResult? ReadRequest(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                return CaptureResult.Refused("body", "must be an object", "invalid");
            if (_shape == RequestShape.SegmentBatch)
            {
                // what holds for all calls may stand behind them
                if (SegmentRequest.Read(ref reader, body, _json, _options.MaxEventBytes, out _batch, out var calls) is { } unread)
                    return unread;
                return calls.TokenType == JsonTokenType.StartArray ? ReadEvents(ref calls) : null;
            }
            if (_shape == RequestShape.FlatSingle || _shape.IsSegment())
            {
                ReadEvent(ref reader);
                return null;
            }
            var name = Events;
            var utf8 = IsBatch ? "events"u8 : "event"u8;
            var seen = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var wanted = _json.IsNamed(ref reader, utf8);
                reader.Read();
                if (!wanted)
                {
                    reader.Skip();
                    continue;
                }
                if (seen)
                    return CaptureResult.Refused(name, "is given twice", "duplicate");
                seen = true;
                if (reader.TokenType == JsonTokenType.Null)
                    continue;
                if (!IsBatch)
                    ReadEvent(ref reader);
                else if (ReadEvents(ref reader) is { } refused)
                    return refused;
            }
            return null;
        }

        private CaptureResult? ReadEvents(ref Utf8JsonReader reader)
        {
            if (reader.TokenType != JsonTokenType.StartArray)
                return CaptureResult.Refused(Events, "must be an array", "invalid");
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (_result.Results.Count == _options.MaxBatchEvents)
                    return TooMany();
                ReadEvent(ref reader);
            }
            return null;
        }

        private void ReadEvent(ref Utf8JsonReader reader)
        {
            var start = reader.TokenStartIndex;
            _draft.Begin();
            var isObject = _shape.IsSegment() ? _segment.Read(ref reader) : _json.ReadEvent(ref reader);
            Judge((int)(reader.BytesConsumed - start), check: isObject);
        }

        private CaptureResult ReadProtobuf(ReadOnlyMemory<byte> body)
        {
            if (_shape.IsFlat() || _shape.IsSegment())
                return CaptureResult.Refused("body", "must be JSON", "invalid");
            _draft.Open(body);
            _protobuf.Open(body);
            var (position, bytes, framed) = (0, 0, true);
            while (framed && position < body.Length)
            {
                framed = ProtobufCapture.NextField(body.Span, ref position, out var number, out var frame);
                if (!framed || number != 1)
                    continue;
                if (_result.Results.Count == _options.MaxBatchEvents)
                    return TooMany();
                // a single event that comes in pieces is merged, as any repeated message is
                if (IsBatch || bytes == 0)
                {
                    bytes = 0;
                    _draft.Begin();
                }
                bytes += frame.End.Value - frame.Start.Value;
                framed = bytes > _options.MaxEventBytes || _protobuf.ReadEvent(frame);
                if (framed && IsBatch)
                    Judge(bytes, check: true);
            }
            if (!framed)
                return CaptureResult.Refused("body", "is not valid protobuf", "invalid");
            if (!IsBatch && bytes > 0)
                Judge(bytes, check: true);
            return Verdicts();
        }

        private void Judge(int bytes, bool check)
        {
            if (bytes > _options.MaxEventBytes)
                _draft.Fail("", "too_large", $"is larger than {_options.MaxEventBytes} bytes");
            else if (check)
            {
                if (_shape.IsSegment())
                    _segment.Apply(_shape, _batch, _receipt.ReceivedMs);
                else
                    _shapes.Apply(_shape.IsFlat(), _receipt.ReceivedMs);
                _envelope.Check(_receipt);
                if (!_draft.Failed && _receipt.Rules is { Enrichment: true })
                    _enricher.Apply(_userAgent);
            }
            if (_draft.Failed)
                _result.Reject(_envelope.GivenId(), _draft.Violations);
            else
            {
                var (id, time) = _envelope.Write(_receipt, Batch);
                _result.Accept(_draft.Bytes(id), time.Hour);
            }
        }

        private CaptureResult Verdicts()
        {
            if (_result.Results.Count == 0)
                return CaptureResult.Refused(Events, "must not be empty", "required");
            return IsBatch || _result.RejectedCount == 0 ? _result : CaptureResult.Refused(_draft.Violations);
        }

        private CaptureResult TooMany() =>
            CaptureResult.Refused(Events, $"must hold at most {_options.MaxBatchEvents} events", "too_many");
    }
}
