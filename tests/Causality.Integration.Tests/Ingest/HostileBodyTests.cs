using System.Buffers;
using System.Net;
using Causality.Contracts.Events;
using Causality.Ingest;
using Causality.Ingest.Apps;
using Causality.Ingest.Capture;
using Causality.Ingest.Receiving;
using Causality.Sink.Flushing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace Causality.Integration.Tests.Ingest;

/// <summary>Bodies broken at random, from bytes to what the sink takes: always an answer, nothing thrown, nothing that the sink would not store, and flat memory.</summary>
[TestFixture]
internal sealed class HostileBodyTests
{
    private const int Rounds = 100_000, WarmUp = 5_000, Seed = 20_261_121, MaxBody = 200_000;
    private const long MostGrowth = 8_000_000;

    private static readonly DateTimeOffset Now = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);
    private static readonly AppRules Rules = new(new byte[32], IpPolicy.Hash) { DeniedProperties = ["password", "card*"] };

    private readonly EventCapture _capture = new(new CaptureOptions { MaxEventBytes = 8000 });
    private readonly BodyMemory _memory = new(Options.Create(new IngestOptions()));

    [Test]
    public async Task A_hundred_thousand_bodies_are_answered_and_the_sink_takes_all_that_was_accepted()
    {
        var bodies = new HostileBodies(Seed);
        using var batch = new EventBatchWriter();
        var (accepted, rejected, refused) = (0, 0, 0);
        long before = 0;
        for (var round = 0; round < Rounds; round++)
        {
            if (round == WarmUp)
                before = GC.GetTotalMemory(forceFullCollection: true);
            var body = bodies.Next();
            batch.Clear();
            try
            {
                if (await Capture(body, batch) is not { Violations.Count: 0 } result)
                {
                    Assert.That(batch.Count, Is.Zero);
                    refused++;
                    continue;
                }
                var taken = new Waiting(Guid.Empty, new EventsAccepted(batch.Written, new EventCounts(Guid.Empty, [])), TimeProvider.System.GetTimestamp());
                Assert.That((taken.Dead.FirstOrDefault()?.Reason, taken.Count), Is.EqualTo(((string?)null, result.AcceptedCount)));
                (accepted, rejected) = (accepted + result.AcceptedCount, rejected + result.RejectedCount);
            }
            catch (Exception e) when (e is not AssertionException)
            {
                throw new AssertionException($"Round {round} of seed {Seed}, {body.Path} {body.ContentType} {body.Encoding}: {Convert.ToBase64String(body.Bytes)}", e);
            }
        }
        Assert.That(new[] { accepted, rejected, refused }, Is.All.GreaterThan(Rounds / 20), "the bodies are broken too little or too much to prove anything");
        Assert.That(_memory.Taken, Is.Zero);
        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - before, Is.LessThan(MostGrowth), "bytes that live on");
        TestContext.Out.WriteLine($"{Rounds} bodies: {accepted} events accepted, {rejected} rejected, {refused} bodies refused");
    }

    // as ReceiveEvents does, but for the key and the broker
    private async Task<CaptureResult?> Capture(HostileBody body, EventBatchWriter batch)
    {
        var request = new DefaultHttpContext().Request;
        (request.ContentType, request.Headers.ContentEncoding, request.Body, request.ContentLength) = (body.ContentType, body.Encoding, new MemoryStream(body.Bytes), body.Bytes.Length);
        var (read, fault) = await RequestBody.Read(request, MaxBody, _memory, CancellationToken.None);
        if (read is null)
        {
            Assert.That(fault!.Status, Is.AnyOf(400, 413, 415));
            return null;
        }
        using (read)
        {
            var format = RequestBody.Format(request);
            var result = _capture.Capture(read.Written, format, body.Shape, "shop", Now, new ClientInfo("Mozilla/5.0", IPAddress.Loopback, Rules), batch);
            var answer = new ArrayBufferWriter<byte>();
            if (result.Violations.Count > 0)
                CaptureAnswers.WriteViolations(answer, result.Violations);
            else
                CaptureAnswers.Write(answer, format, body.Shape, result, protocol: 2);
            Assert.That(answer.WrittenCount, Is.GreaterThan(0).And.LessThan(2_000_000));
            return result;
        }
    }
}
