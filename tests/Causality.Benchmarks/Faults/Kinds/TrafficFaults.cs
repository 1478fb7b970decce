using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Causality.Contracts.Events;
using RabbitMQ.Client;

namespace Causality.Benchmarks.Faults.Kinds;

internal sealed class SameBatchTwice : Fault
{
    private const int BatchEvents = 30;

    public override string Name => "same-batch-to-two-hosts";
    public override string Sentence => "Two hosts with all roles get the same batches at the same moment.";
    public override int Hosts => 2;

    public override async Task Happen(Site site, CancellationToken ct)
    {
        Uri[] both = [.. site.Hosts.Select(h => h.Address)];
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < site.Settings.Outage; await Task.Delay(20, ct))
            await site.Traffic.Deliver([.. Enumerable.Range(0, BatchEvents).Select(_ => SentEvent.Make("app-2", DateTimeOffset.UtcNow))], patient: true, both);
    }
}

/// <summary>What no publisher of ours would send, straight to the exchange. It goes dead, is counted, and takes no neighbor with it.</summary>
internal sealed class Poison : Fault
{
    private const string App = "app-1";
    private const string Exchange = "causality.events";
    private const int Rounds = 10;

    public static CreateChannelOptions Confirmed { get; } = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    public override string Name => "poison";
    public override string Sentence => "Garbage, garbage that claims to be events, and batches with one damaged event come to the exchange.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        await using var connection = await new ConnectionFactory { Uri = site.Broker }.CreateConnectionAsync(ct);
        await using var channel = await connection.CreateChannelAsync(Confirmed, ct);
        for (var i = 0; i < Rounds; i++)
        {
            await Publish(channel, Exchange, App, RandomNumberGenerator.GetBytes(1000), claimed: 0, ct);
            site.Journal.ExpectDead(App, 3);
            await Publish(channel, Exchange, App, RandomNumberGenerator.GetBytes(1000), claimed: 3, ct);
            await PublishDamaged(site, channel, ct);
        }
    }

    private static async Task PublishDamaged(Site site, IChannel channel, CancellationToken ct)
    {
        SentEvent[] neighbors = [SentEvent.Make(App, DateTimeOffset.UtcNow), SentEvent.Make(App, DateTimeOffset.UtcNow)];
        using var batch = new EventBatchWriter();
        Write(batch, neighbors[0]);
        Write(batch, SentEvent.Make(App, DateTimeOffset.UtcNow), damaged: true);
        Write(batch, neighbors[1]);
        site.Journal.Ask(neighbors);
        site.Journal.ExpectDead(App, 1);
        await Publish(channel, Exchange, App, batch.Written, claimed: 3, ct);
        foreach (var neighbor in neighbors)
            site.Journal.Take(neighbor, Answer.Accepted);   // the broker has confirmed it
    }

    /// <summary>As no publisher of ours; returns when the broker has it.</summary>
    public static async Task Publish(IChannel channel, string exchange, string app, ReadOnlyMemory<byte> body, int claimed, CancellationToken ct)
    {
        var hour = (int)(DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 3600);
        var properties = new BasicProperties { Persistent = true, ContentType = EventsAccepted.ContentType, MessageId = Guid.CreateVersion7().ToString(), Headers = new Dictionary<string, object?>() };
        if (claimed > 0)
            properties.Headers[EventsAccepted.CountsHeader] = new EventCounts(Guid.CreateVersion7(), [new AppHourCount(app, hour, claimed)]).ToString();
        await channel.BasicPublishAsync(exchange, "", mandatory: true, properties, body, ct);
    }

    public static void Write(EventBatchWriter batch, SentEvent sent, bool damaged = false)
    {
        batch.Begin();
        batch.Text(EventColumn.AppId, Encoding.UTF8.GetBytes(sent.App));
        batch.Text(EventColumn.Id, Encoding.UTF8.GetBytes(sent.Key));
        batch.Text(EventColumn.DeviceId, Encoding.UTF8.GetBytes(sent.Device));
        batch.Number(EventColumn.TimestampMs, sent.TimestampMs);
        batch.Number(EventColumn.ReceivedAtMs, sent.TimestampMs);
        batch.Text(EventColumn.IdempotencyKey, Encoding.UTF8.GetBytes(sent.Key));
        batch.Text(EventColumn.EventCategory, "custom"u8);
        batch.Text(EventColumn.EventType, Encoding.UTF8.GetBytes(SentEvent.Type));
        batch.Text(EventColumn.PayloadJson, damaged ? "[1]"u8 : JsonSerializer.SerializeToUtf8Bytes(new { text = sent.Text, checksum = sent.Checksum, number = sent.Number }));
        batch.Commit();
    }
}

internal sealed class ManyPartitions : Fault
{
    private const int Hours = 5000, OtherApps = 20, BatchEvents = 1000, AtOnce = 4;   // a batch as large as one may be

    public override string Name => "ten-thousand-partitions";
    public override string Sentence => "Ten thousand combinations of app and hour at once: one app with 5,000 hours, twenty apps with 250 each.";
    public override int Apps => OtherApps + 1;
    public override TimeSpan Patience => TimeSpan.FromMinutes(10);

    public override async Task Happen(Site site, CancellationToken ct)
    {
        var now = DateTimeOffset.UtcNow;
        var batches = site.AppKeys.SelectMany((app, i) =>
            Enumerable.Range(1, i == 0 ? Hours : Hours / OtherApps).Select(hour => SentEvent.Make(app.Id, now.AddHours(-hour))).Chunk(BatchEvents)).ToList();
        await Parallel.ForEachAsync(batches, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct },
            async (batch, _) => await site.Traffic.Deliver(batch, patient: true));
    }
}
