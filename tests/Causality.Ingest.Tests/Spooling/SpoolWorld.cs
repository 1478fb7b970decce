using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Causality.Contracts;
using Causality.Contracts.Events;
using Causality.Ingest.Publishing;
using Causality.Ingest.Spooling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Causality.Ingest.Tests.Spooling;

/// <summary>A folder for spools, and the runs of hosts that use it.</summary>
internal sealed class SpoolWorld : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public SpoolWorld() => Options = new IngestOptions { Spool = { Folder = Path.Combine(Root, "spool"), MinFreeBytes = 0 }, PublishDeadline = TimeSpan.FromSeconds(1) };

    public string Root { get; } = Directory.CreateTempSubdirectory("causality-spool-").FullName;

    public IngestOptions Options { get; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public IReadOnlyList<string> Segments => Directory.Exists(Options.Spool.Folder) 
        ? [.. Directory.EnumerateFiles(Options.Spool.Folder, "*" + SpoolSegment.Ending, SearchOption.AllDirectories).Where(path => !path.Contains("damaged", StringComparison.Ordinal)).OrderBy(Path.GetFileName, StringComparer.Ordinal)]
        : [];

    public IReadOnlyList<SpoolRecord> Records => [.. Segments.SelectMany(Read)];

    public async Task<SpoolRun> Start(FakeFailPoint? failPoint = null, IEventBus? bus = null)
    {
        var run = new SpoolRun(this, failPoint ?? new FakeFailPoint(), bus, new SpoolMetrics(_services.GetRequiredService<IMeterFactory>()));
        await run.Start();
        return run;
    }

    public static IReadOnlyList<SpoolRecord> Read(string segment)
    {
        using var reader = new SegmentReader(segment);
        return [.. reader.All(new FileInfo(segment).Length).Select(entry => entry.Record).OfType<SpoolRecord>()];
    }

    public void Dispose()
    {
        _services.Dispose();
        Directory.Delete(Root, recursive: true);
    }
}

/// <summary>A host's spool, with or without a drain; ends as a host does that is killed: without a word.</summary>
internal sealed class SpoolRun : IAsyncDisposable
{
    private readonly SpoolDrain? _drain;

    public SpoolRun(SpoolWorld world, FakeFailPoint failPoint, IEventBus? bus, SpoolMetrics metrics)
    {
        var options = Options.Create(world.Options);
        Circuit = new BrokerCircuit(world.Clock, NullLogger<BrokerCircuit>.Instance);
        Spool = new Spool(Counts, failPoint, options, world.Clock, metrics, NullLogger<Spool>.Instance);
        _drain = bus is null ? null : new SpoolDrain(Spool, bus, Circuit, failPoint, options, world.Clock, metrics, NullLogger<SpoolDrain>.Instance);
    }

    public PublishedCounts Counts { get; } = new();

    public BrokerCircuit Circuit { get; }

    public Spool Spool { get; }

    public Task<bool> Add(int events, Guid? run = null, Guid? id = null) =>
        Spool.Add(id ?? Guid.CreateVersion7(), run, [new AppHourCount("demo", 7, events)], new byte[events * 10]);

    public async Task Start()
    {
        await Spool.StartAsync(CancellationToken.None);
        if (_drain is not null)
            await _drain.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_drain is not null)
            await _drain.StopAsync(CancellationToken.None);
        await Spool.StopAsync(CancellationToken.None);
        Spool.Dispose();
    }
}

/// <summary>Counts the steps that are passed, and makes some of them fail.</summary>
internal sealed class FakeFailPoint : IFailPoint
{
    private readonly ConcurrentDictionary<SpoolStep, int> _passed = new();

    public Action<SpoolStep> Do { get; set; } = _ => { };

    public int Passed(SpoolStep step) => _passed.GetValueOrDefault(step);

    public void At(Enum step)
    {
        _passed.AddOrUpdate((SpoolStep)step, 1, (_, times) => times + 1);
        Do((SpoolStep)step);
    }
}

/// <summary>A broker that remembers what it confirmed, and can be away.</summary>
internal sealed class FakeBroker : IEventBus
{
    private int _published;

    public ConcurrentQueue<Guid> Confirmed { get; } = new();

    public bool Away { get; set; }

    /// <summary>Whether the n-th message that it is sent, counted from 1, is confirmed.</summary>
    public Func<int, bool> Confirms { get; set; } = _ => true;

    public Task Publish(EventsAccepted message, Guid messageId, CancellationToken ct)
    {
        if (Away || !Confirms(Interlocked.Increment(ref _published)))
            throw new InvalidOperationException("not confirmed");
        Confirmed.Enqueue(messageId);
        return Task.CompletedTask;
    }
}
