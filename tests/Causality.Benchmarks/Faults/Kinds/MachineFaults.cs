namespace Causality.Benchmarks.Faults.Kinds;

/// <summary>A folder of the hosts' data is a small disk of its own, in memory, that can be filled to its last byte.</summary>
internal sealed class SmallDisk(string folder, int megabytes)
{
    private readonly string _filler = Path.Combine(folder, "filler");

    public static string? Impossible => System.Environment.IsPrivilegedProcess ? null : "only root may mount a small disk";

    public async Task Mount(Site site, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        await Tool.Run("mount", ["-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder], ct);
        site.Afterwards(() => Tool.Run("umount", ["--lazy", folder], CancellationToken.None));
    }

    public async Task Fill(CancellationToken ct)
    {
        await using var file = new FileStream(_filler, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var size = 1 << 20; size > 0;)
            try
            {
                await file.WriteAsync(new byte[size], ct);
            }
            catch (IOException)
            {
                size /= 2;
            }
    }

    public void Free() => File.Delete(_filler);
}

/// <summary>Of a lake in S3, the disk of what is on its way there.</summary>
internal sealed class LakeFull : Fault
{
    private const int Megabytes = 64;

    public override string Name => "lake-full";
    public override string Sentence => "The disk of the lake, or of what goes to S3, has not a byte left, then it has.";

    public override string? Impossible(FaultSettings settings) => SmallDisk.Impossible;

    public override Task Prepare(Site site, CancellationToken ct) => Disk(site).Mount(site, ct);

    public override async Task Happen(Site site, CancellationToken ct)
    {
        await Disk(site).Fill(ct);
        await Task.Delay(site.Settings.Outage, ct);
        site.Over();
        Disk(site).Free();
    }

    private static SmallDisk Disk(Site site) => new(Path.Combine(site.Data, site.Lake is S3Lake ? "s3" : "lake"), Megabytes);
}

internal sealed class SpoolFull : Fault
{
    private const int Megabytes = 16;
    private static readonly TimeSpan Spooling = TimeSpan.FromSeconds(3), Enough = TimeSpan.FromSeconds(60);

    public override string Name => "spool-full";
    public override string Sentence => "The broker is cut off, and the disk of the spool has not a byte left in the midst of spooling; then it has, then the broker is back.";

    // its own bound would refuse before the disk does
    public override IReadOnlyDictionary<string, string> Environment(Site site) => new Dictionary<string, string> { ["CAUSALITY_INGEST__SPOOL__MINFREEBYTES"] = "0" };

    public override string? Impossible(FaultSettings settings) => SmallDisk.Impossible;

    public override Task Prepare(Site site, CancellationToken ct) => Disk(site).Mount(site, ct);

    public override async Task Happen(Site site, CancellationToken ct)
    {
        site.BrokerWire.Cut();
        if (!await Site.Until(() => Task.FromResult(site.Spooled().Sum(segment => segment.Length) > 0), Enough, ct))
            throw new InvalidOperationException($"Nothing was spooled within {Enough.TotalSeconds:0} s, so nothing is proven.");
        await Task.Delay(Spooling, ct);
        await Disk(site).Fill(ct);
        var before = site.Journal.UnknownSoFar;
        await Task.Delay(site.Settings.Outage, ct);
        if (site.Journal.UnknownSoFar == before)
            throw new InvalidOperationException("Nothing was refused while the disk was full, so nothing is proven.");
        site.Over();
        Disk(site).Free();
        await Task.Delay(Spooling, ct);
        site.BrokerWire.Mend();
    }

    private static SmallDisk Disk(Site site) => new(Path.Combine(site.Data, "spool"), Megabytes);
}

/// <summary>The host's clock steps under load, the host starts again by the wrong clock, and the clock steps back. With libfaketime.</summary>
internal sealed class Clock(string name, string how, string offset) : Fault
{
    public override string Name => name;
    public override string Sentence => $"The host's clock is suddenly {how}, the host starts again by it, and it is suddenly right again.";

    public override string? Impossible(FaultSettings settings) => Library() is null ? "libfaketime is not installed" : null;

    public override IReadOnlyDictionary<string, string> Environment(Site site) => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = Library()!,
        ["FAKETIME_TIMESTAMP_FILE"] = Setting(site),
        ["FAKETIME_CACHE_DURATION"] = "1",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",   // or every timed wait of .NET is over at once
    };

    public override Task Prepare(Site site, CancellationToken ct) => File.WriteAllTextAsync(Setting(site), "+0", ct);

    public override async Task Happen(Site site, CancellationToken ct)
    {
        await File.WriteAllTextAsync(Setting(site), offset, ct);
        await Task.Delay(site.Settings.Outage / 2, ct);
        await site.Hosts[0].Terminate(ct);
        await site.Hosts[0].Start(ct);
        await Task.Delay(site.Settings.Outage / 2, ct);
        site.Over();
        await File.WriteAllTextAsync(Setting(site), "+0", ct);
    }

    private static string Setting(Site site) => Path.Combine(site.Data, "clock");

    private static string? Library() => Directory.Exists("/usr/lib")
        ? Directory.EnumerateDirectories("/usr/lib").Select(folder => Path.Combine(folder, "faketime", "libfaketime.so.1")).FirstOrDefault(File.Exists) : null;
}
