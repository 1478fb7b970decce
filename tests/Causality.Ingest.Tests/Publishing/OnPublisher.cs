using System.Diagnostics.Metrics;
using System.Text;
using Causality.Contracts.Events;
using Causality.Ingest.Publishing;
using Causality.Ingest.Tests.Spooling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Publishing;

/// <summary>Tests with a publisher, a spool in a folder of its own, and a bus that confirms, waits or fails as it is told to.</summary>
internal abstract class OnPublisher
{
    protected const long NoRoom = long.MaxValue / 2;
    protected static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    protected static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    protected FakeBus Bus { get; private set; } = new();

    protected TestClock Clock { get; private set; } = new();

    protected PublishedCounts Counts { get; private set; } = new();

    protected SpoolWorld World { get; private set; } = null!;

    protected SpoolRun Spool { get; private set; } = null!;

    protected EventPublisher Publisher { get; private set; } = null!;

    [OneTimeTearDown]
    public void Dispose() => _services.Dispose();

    [TearDown]
    public async Task Stop()
    {
        Bus.LetGo();
        await Publisher.StopAsync(CancellationToken.None);
        await Spool.DisposeAsync();
        World.Dispose();
    }

    protected async Task Start(Action<IngestOptions>? change = null)
    {
        (Bus, Clock) = (new FakeBus(), new TestClock());
        World = new SpoolWorld { Clock = Clock };
        change?.Invoke(World.Options);
        Spool = await World.Start();
        Counts = Spool.Counts;
        Publisher = new EventPublisher(Bus, Spool.Spool, Spool.Circuit, Counts, Options.Create(World.Options), Clock,
            new IngestMetrics(_services.GetRequiredService<IMeterFactory>()), NullLogger<EventPublisher>.Instance);
        await Publisher.StartAsync(CancellationToken.None);
    }

    /// <summary>Lets the deadline of requests pass that are on their way. Each has two timers: its own deadline, and when its message is given up.</summary>
    protected async Task<bool> Overdue(params Task<bool>[] requests)
    {
        await Clock.Armed(2 * requests.Length);
        Clock.Pass(Deadline);
        return (await Task.WhenAll(requests)).Any(durable => durable);
    }

    /// <summary>Events of one hour, or dealt out to several, one after another.</summary>
    protected static CapturedBatch Batch(string app, int events, int hours = 1)
    {
        var batch = new EventBatchWriter(256);
        var noon = (int)(Noon.ToUnixTimeSeconds() / 3600);
        for (var i = 0; i < events; i++)
        {
            batch.Begin();
            batch.Text(EventColumn.AppId, Encoding.UTF8.GetBytes(app));
            batch.Text(EventColumn.DeviceId, Encoding.UTF8.GetBytes($"{app}-{i}"));
            batch.Number(EventColumn.TimestampMs, (noon - (i % hours)) * 3_600_000L);
            batch.Commit();
        }
        return new CapturedBatch(app, Noon, Enumerable.Range(0, Math.Min(hours, events)).Select(i => noon - i).ToHashSet(), batch);
    }

    protected static HashSet<long> Hours(byte[] body)
    {
        var reader = new EventBatchReader();
        reader.Reset(body);
        var hours = new HashSet<long>();
        while (reader.Next(out var frame))
        {
            Assert.That(reader.Read(frame), Is.Null);
            hours.Add(reader.Number(EventColumn.TimestampMs) / 3_600_000);
        }
        return hours;
    }

    protected static List<string> Devices(byte[] body)
    {
        var reader = new EventBatchReader();
        reader.Reset(body);
        var devices = new List<string>();
        while (reader.Next(out var frame))
        {
            Assert.That(reader.Read(frame), Is.Null);
            devices.Add(Encoding.UTF8.GetString(reader.Text(EventColumn.DeviceId)));
        }
        return devices;
    }
}
