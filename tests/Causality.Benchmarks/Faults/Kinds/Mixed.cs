namespace Causality.Benchmarks.Faults.Kinds;

/// <summary>Several faults at once, of different things each, at moments of their own; which and when is drawn from a seed, so that it can be had again.</summary>
internal sealed class Mixed : Fault
{
    private const int AtOnce = 3;
    private readonly IReadOnlyList<(Fault Fault, double At)> _parts;

    /// <param name="store">What the lake lies in, since some faults are of a disk and some of a store.</param>
    public Mixed(int seed, string store)
    {
        Name = $"mixed-{seed}";
        var random = new Random(seed);
        Fault Any(params Fault[] faults) => faults[random.Next(faults.Length)];
        Fault[] ofEach =
        [
            Any(new BrokerStopped(), new BrokerKilled(), new BrokerRestarted(), new BrokerMemoryAlarm(), new BrokerDiskAlarm(), new BrokerCut(), new BrokerSilent()),
            Any(new PostgresStopped(), new PostgresKilled(), new SessionsEnded()),
            Any(new Killed(), new HostStopped()),
            new SameBatchTwice(),
            store == "s3" ? Any([.. StoreFault.All]) : new LakeFull(),
        ];
        random.Shuffle(ofEach);
        _parts = [.. ofEach.Take(AtOnce).Select(fault => (fault, random.NextDouble()))];
    }

    public override string Name { get; }

    public override string Sentence => $"At once: {string.Join(", ", _parts.Select(part => part.Fault.Name))}, each at a moment of its own.";

    public override int Hosts => _parts.Max(part => part.Fault.Hosts);

    public override TimeSpan Patience => TimeSpan.FromMinutes(5);

    /// <summary>A host that finds no server at its start ends, and whoever runs it starts it again.</summary>
    public override bool Supervised => true;

    public override IReadOnlyDictionary<string, string> Environment(Site site) => _parts.SelectMany(part => part.Fault.Environment(site)).ToDictionary();

    public override string? Impossible(FaultSettings settings) => _parts.Select(part => part.Fault.Impossible(settings)).FirstOrDefault(why => why is not null);

    public override async Task Prepare(Site site, CancellationToken ct)
    {
        foreach (var (fault, _) in _parts)
            await fault.Prepare(site, ct);
    }

    public override async Task Happen(Site site, CancellationToken ct)
    {
        await Task.WhenAll(_parts.Select(async part =>
        {
            await Task.Delay(site.Settings.Outage * part.At / 2, ct);
            await part.Fault.Happen(site, ct);
        }));
        site.Over();   // when the last of them is
    }
}
