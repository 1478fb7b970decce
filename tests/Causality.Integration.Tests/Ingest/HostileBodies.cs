using System.IO.Compression;
using System.Text;
using Causality.Contracts.Events.V1;
using Causality.Ingest.Capture;
using Google.Protobuf;

namespace Causality.Integration.Tests.Ingest;

/// <summary>A body as a route gets it.</summary>
internal sealed record HostileBody(string Path, RequestShape Shape, string ContentType, string? Encoding, byte[] Bytes);

/// <summary>Bodies of every client, broken at random and packed in every way; the same ones for the same seed.</summary>
internal sealed class HostileBodies(int seed)
{
    private static readonly string[] Splices =
    [
        "\"", "\\", "\\u0000", "\\ud800", "{", "}", "[", "]", ",", ":", "null", "1e999", "-", "9".PadRight(400, '9'), "0.1e-400", "\"id\":\"x\",", "\"appStart\":{},", "\"a\":{\"a\":[{}]},", "\0", "\uFFFF",
        "true", "\"NaN\"", "../../etc", "*", "\"userId\":7,", "\"timestamp\":\"0000-00-00T00:00:00Z\",", "\"timestampMs\":\"-9223372036854775808\",", "%00", "&data=", "\"context\":{\"ip\":\"::1\"},",
    ];

    private readonly Random _random = new(seed);
    private readonly (string Path, RequestShape Shape, string Type, byte[] Body)[] _seeds = [.. Seeds()];

    public HostileBody Next()
    {
        var (path, shape, type, seed) = _seeds[_random.Next(_seeds.Length)];
        // big ones show the limits, and need not come often
        if (seed.Length > 20_000 && _random.Next(25) != 0)
            (path, shape, type, seed) = _seeds[0];
        var body = Mutate(seed, type != "application/x-protobuf");
        switch (_random.Next(20))
        {
            case 0 or 1:
                return new HostileBody(path, shape, type, "gzip", Gzip(body));
            case 2:
                return new HostileBody(path, shape, type, "br", Pack(body, into => new BrotliStream(into, CompressionLevel.Fastest)));
            case 3:
                return new HostileBody(path, shape, type, null, Gzip(body));
            case 4:
                var cut = _random.Next(body.Length + 1);
                return new HostileBody(path, shape, type, "gzip", [.. Gzip(body[..cut]), .. Gzip(body[cut..])]);
            case 5:
                return new HostileBody(path, shape, type, _random.Next(2) == 0 ? "gzip" : "zstd", Mutate(Gzip(body), text: false));
            case 6:
                return new HostileBody(path, shape, "application/x-www-form-urlencoded", null, Encoding.UTF8.GetBytes("v=1&data=" + Uri.EscapeDataString(Convert.ToBase64String(body))));
            case 7:
                return new HostileBody(path, shape, "text/plain", null, Mutate(Encoding.UTF8.GetBytes("data=" + Convert.ToBase64String(body)), text: true));
            default:
                return new HostileBody(path, shape, type, null, body);
        }
    }

    private byte[] Mutate(byte[] seed, bool text)
    {
        var body = seed.ToList();
        for (var times = _random.Next(5); times > 0 && body.Count > 0; times--)
        {
            var at = _random.Next(body.Count);
            switch (_random.Next(text ? 9 : 6))
            {
                case 0:
                    body[at] = (byte)_random.Next(256);
                    break;
                case 1:
                    body.RemoveRange(at, Math.Min(_random.Next(8), body.Count - at));
                    break;
                case 2:
                    body.InsertRange(at, body.GetRange(at, Math.Min(_random.Next(60), body.Count - at)));
                    break;
                case 3:
                    body[at] ^= (byte)(1 << _random.Next(8));
                    break;
                case 4 when _random.Next(4) == 0:
                    body.RemoveRange(at, body.Count - at);
                    break;
                case 5 when _random.Next(4) == 0:
                    var other = _seeds[_random.Next(_seeds.Length)].Body;
                    body.InsertRange(at, other.AsSpan(0, Math.Min(other.Length, 400)).ToArray());
                    break;
                case > 5:
                    body.InsertRange(at, Encoding.UTF8.GetBytes(Splices[_random.Next(Splices.Length)]));
                    break;
            }
        }
        return [.. body];
    }

    private static byte[] Gzip(byte[] body) => Pack(body, into => new GZipStream(into, CompressionLevel.Fastest));

    private static byte[] Pack(byte[] body, Func<Stream, Stream> pack)
    {
        var packed = new MemoryStream();
        using (var stream = pack(packed))
            stream.Write(body);
        return packed.ToArray();
    }

    private static IEnumerable<(string, RequestShape, string, byte[])> Seeds()
    {
        const string json = "application/json", binary = "application/x-protobuf";
        var contract = new IngestEventBatchRequest
        {
            Events =
            {
                new EventEnvelope { DeviceId = "d", TimestampMs = 1, CustomEvent = new CustomEvent { EventName = "screen_exit", StringParams = { ["_raw_properties"] = """{"screen_name":"\u00e4","x":[{"a":1.5}]}""" }, FloatParams = { ["f"] = 0.5 } } },
                new EventEnvelope { Id = "i", DeviceId = "d", TimestampMs = 1, IdempotencyKey = "k", DeviceContext = new DeviceContext { Platform = Platform.Ios }, PurchaseComplete = new PurchaseComplete { OrderId = "o", Items = { new PurchaseItem { ProductId = "p" } } } },
                new EventEnvelope { DeviceId = "d", TimestampMs = 1, WebContext = new WebContext { Url = "https://a.example/?utm_source=x%20y", Referrer = "https://t.co/", UserAgent = "Mozilla/5.0 (X11; Linux) Firefox/1" }, LongPress = new LongPress { Coordinates = new Coordinates { X = 1.5f } } },
            },
        };
        var single = new IngestEventRequest { Event = contract.Events[0] };
        const string flat = """{"event_type":"e","user_id":"u","properties":{"a":{"b":["\u0041",1e3,null]},"password":"p"},"url":"https://a/b?utm_medium=m","referrer":"https://www.google.com/","timestamp":"2026-11-21T09:30:00Z"}""";
        const string go = """{"event_type":"button_tap","timestamp":"2026-11-21T09:30:00Z","metadata":{"button_name":"b","card":{"n":1}},"server_context":{"hostname":"h","os":"linux"},"app_id":"shop","idempotency_key":"k"}""";
        const string mobile = """{"idempotencyKey":"8f14e45f","deviceId":"d","timestampMs":"1795253400000","deviceContext":{"platform":"PLATFORM_ANDROID","networkType":"NETWORK_TYPE_WIFI"},"buttonTap":{"button_name":"b"}}""";
        const string call = """
            {"type":"track","event":"Product Added","userId":7,"anonymousId":"a","messageId":"ajs-1","timestamp":"2026-11-21T09:30:00.000Z","properties":{"price":12.5,"items":[{"sku":"a"}],"card":"4"},
             "context":{"ip":"198.51.100.9","page":{"url":"https://s.example/x?utm_campaign=c","referrer":"https://chatgpt.com/"},"userAgent":"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1","screen":{"width":390.5},"os":{"name":"iOS"},"campaign":{"name":"x"}},"integrations":{}}
            """;
        (string, RequestShape, string, byte[]) Text(string path, RequestShape shape, string body) => (path, shape, json, Encoding.UTF8.GetBytes(body));

        yield return Text("/v1/events/batch", RequestShape.Batch, $$"""{"events":[{{mobile}},{{go}}]}""");
        yield return Text("/v1/events/batch", RequestShape.Batch, JsonFormatter.Default.Format(contract));
        yield return Text("/v1/events/ingest", RequestShape.Single, JsonFormatter.Default.Format(single));
        yield return ("/v1/events/batch", RequestShape.Batch, binary, contract.ToByteArray());
        yield return ("/v1/events/ingest", RequestShape.Single, binary, single.ToByteArray());
        yield return Text("/api/v1/track", RequestShape.FlatSingle, flat);
        yield return Text("/api/v1/track/batch", RequestShape.FlatBatch, $$"""{"events":[{{flat}},{{go}},{{flat}}]}""");
        yield return Text("/v1/batch", RequestShape.SegmentBatch, $$"""{"batch":[{{call}},{"type":"identify","userId":"u","traits":{"a":{"b":1} } },{{call}}],"sentAt":"2026-11-21T07:30:00Z","context":{"locale":"de"} }""");
        yield return Text("/v1/t", RequestShape.SegmentTrack, call);
        yield return Text("/v1/g", RequestShape.SegmentGroup, """{"groupId":"g","userId":"u","traits":{"plan":"pro"},"context":{"network":{"wifi":true}}}""");
        yield return Text("/v1/events/batch", RequestShape.Batch, $$"""{"events":[{"deviceId":"d","timestampMs":1,"customEvent":{"eventName":"deep","x":{{new string('[', 10_000)}}{{new string(']', 10_000)}}} }]}""");
        yield return Text("/v1/batch", RequestShape.SegmentBatch, $$"""{"batch":[{"type":"page","userId":"u","properties":{{string.Concat(Enumerable.Repeat("{\"a\":", 10_000))}}1{{new string('}', 10_000)}}}]}""");
        yield return Text("/v1/events/batch", RequestShape.Batch, $$"""{"events":[{{string.Join(',', Enumerable.Range(0, 999).Select(_ => mobile))}},{"appId":"../../etc","deviceId":"*","timestampMs":1e999}]}""");
        yield return Text("/v1/events/batch", RequestShape.Batch, """{"events":[{"appId":"../x","deviceId":"d","timestampMs":1,"appStart":{}},{"id":"*","idempotencyKey":"../..","deviceId":"*","timestampMs":1,"customEvent":{"eventName":"../*"}},{"deviceId":"d","deviceId":"d"}]}""");
    }
}
