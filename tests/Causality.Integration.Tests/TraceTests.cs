using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests;

/// <summary>A request's trace leads over the bus to the flush that stores its events, and from there back.</summary>
[TestFixture]
internal sealed class TraceTests : OnRealServers
{
    [Test]
    public async Task A_trace_goes_from_the_request_over_the_bus_to_the_flush_and_its_parts()
    {
        var ended = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" or "MassTransit" or "Npgsql" || source.Name.StartsWith("Causality.", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = await World.Start();
        var trace = ActivityTraceId.CreateRandom();
        var body = JsonSerializer.SerializeToUtf8Bytes(new { events = Sent.Some(100, DateTimeOffset.UtcNow).Select(e => e.Json()) });

        using (var answer = await host.Client.Post("/v1/events/batch", body, "application/json", also: request => request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01")))
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));

        var flush = await Eventually(() => Task.FromResult(ended.FirstOrDefault(a => a.OperationName == "flush" && a.Links.Any(l => l.Context.TraceId == trace))), Is.Not.Null);
        var consumed = await Eventually(() => Task.FromResult(ended.FirstOrDefault(a => a.TraceId == trace && a.Links.Any(l => l.Context.SpanId == flush!.SpanId))), Is.Not.Null);
        Assert.That(consumed!.Source.Name, Is.EqualTo("MassTransit"));
        var parts = ended.Where(a => a.TraceId == flush!.TraceId).Select(a => a.OperationName).ToList();
        Assert.That(parts, Is.SupersetOf(new[] { "flush keys", "flush write", "flush commit", "flush publish" }));
        Assert.That(ended.Where(a => a.TraceId == flush!.TraceId).Select(a => a.Source.Name), Does.Contain("Npgsql"), "statements are below the flush");
    }
}
