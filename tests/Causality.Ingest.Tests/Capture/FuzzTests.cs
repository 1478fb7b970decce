using System.Text;
using Causality.Contracts.Events;
using Causality.Contracts.Events.V1;
using Causality.Ingest.Capture;
using Google.Protobuf;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Capture;

/// <summary>Bodies broken at random: whatever comes, no exception, a verdict for each event, and rows that can be read.</summary>
[TestFixture]
internal sealed class FuzzTests
{
    private static readonly string[] Splices =
        ["\"", "\\", "\\u0000", "\\ud800", "{", "}", "[", "]", ",", ":", "null", "1e999", "-", "\"id\":\"x\",", "\"appStart\":{},", "\"a\":{\"a\":[{}]},", "\0", "\uFFFF", "true", "\"NaN\""];

    private readonly EventCapture _capture = new(new CaptureOptions { MaxBatchEvents = 8, MaxEventBytes = 1500, MaxProperties = 12, MaxPropertyDepth = 4 });

    [TestCase(BodyFormat.Json, 14_000)]
    [TestCase(BodyFormat.Protobuf, 6_000)]
    public void Whatever_comes_is_judged(BodyFormat format, int rounds)
    {
        var random = new Random(7);
        var seeds = Seeds(format);
        using var batch = new EventBatchWriter();
        var (accepted, rejected, refused) = (0, 0, 0);
        for (var round = 0; round < rounds; round++)
        {
            var (shape, seed) = seeds[random.Next(seeds.Length)];
            var body = Mutate(seed, random, format);
            batch.Clear();
            var result = _capture.Capture(body, format, shape, "shop", Desk.Received, default, batch);
            if (result.Violations.Count > 0)
            {
                Assert.That((batch.Count, result.Results.Count), Is.EqualTo((0, 0)));
                refused++;
                continue;
            }
            Assert.That(result.Results.Count(r => r.Accepted), Is.EqualTo(result.AcceptedCount));
            Assert.That(result.AcceptedCount + result.RejectedCount, Is.EqualTo(result.Results.Count));
            Assert.That(Desk.Read(batch.Written), Has.Count.EqualTo(result.AcceptedCount));
            (accepted, rejected) = (accepted + result.AcceptedCount, rejected + result.RejectedCount);
        }
        Assert.That(new[] { accepted, rejected, refused }, Is.All.GreaterThan(rounds / 100), "the bodies are broken too little or too much to prove anything");
    }

    private static byte[] Mutate(byte[] seed, Random random, BodyFormat format)
    {
        var body = seed.ToList();
        for (var times = random.Next(4); times > 0; times--)
        {
            var at = random.Next(body.Count);
            switch (random.Next(format == BodyFormat.Json ? 6 : 4))
            {
                case 0:
                    body[at] = (byte)random.Next(256);
                    break;
                case 1:
                    body.RemoveRange(at, Math.Min(random.Next(4), body.Count - at - 1));
                    break;
                case 2:
                    body.InsertRange(at, body.GetRange(at, Math.Min(random.Next(40), body.Count - at)));
                    break;
                case 3:
                    body[at] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    body.InsertRange(at, Encoding.UTF8.GetBytes(Splices[random.Next(Splices.Length)]));
                    break;
            }
        }
        return [.. body];
    }

    private static (RequestShape Shape, byte[] Body)[] Seeds(BodyFormat format)
    {
        var request = new IngestEventBatchRequest
        {
            Events =
            {
                new EventEnvelope { DeviceId = "d", TimestampMs = 1, CustomEvent = new CustomEvent { EventName = "screen_exit", StringParams = { ["_raw_properties"] = """{"screen_name":"\u00e4","x":[{"a":1.5}]}""" }, FloatParams = { ["f"] = 0.5 } } },
                new EventEnvelope { Id = "i", DeviceId = "d", TimestampMs = 1, IdempotencyKey = "k", DeviceContext = new DeviceContext { Platform = Platform.Ios, OsVersion = "1" }, PurchaseComplete = new PurchaseComplete { OrderId = "o", Items = { new PurchaseItem { ProductId = "p" } } } },
                new EventEnvelope { DeviceId = "d", TimestampMs = 1, LongPress = new LongPress { Coordinates = new Coordinates { X = 1.5f } } },
            },
        };
        var single = new IngestEventRequest { Event = request.Events[0] };
        if (format == BodyFormat.Protobuf)
            return [(RequestShape.Batch, request.ToByteArray()), (RequestShape.Single, single.ToByteArray())];
        const string flat = """{"event_type":"e","user_id":"u","properties":{"a":{"b":["\u0041",1e3,null]}},"url":"https://a/b","timestamp":"2026-11-21T09:30:00Z"}""";
        const string backend = """{"event_type":"button_tap","timestamp":"2026-11-21T09:30:00Z","metadata":{"button_name":"b"},"server_context":{"hostname":"h"}}""";
        return
        [
            (RequestShape.Batch, Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(request))),
            (RequestShape.Single, Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(single))),
            (RequestShape.FlatSingle, Encoding.UTF8.GetBytes(flat)),
            (RequestShape.FlatBatch, Encoding.UTF8.GetBytes($$"""{"events":[{{flat}},{{backend}}]}""")),
            (RequestShape.Batch, Encoding.UTF8.GetBytes($$"""{"events":[{{backend}},{{backend}}]}""")),
        ];
    }
}
