namespace Causality.Benchmarks.Faults.Kinds;

/// <summary>A small disk of its own in memory, filled to its last byte.</summary>
internal sealed class LakeFull : Fault
{
    public override string Name => "lake-full";
    public override string Sentence => "The disk of the lake has not a byte left, then it has.";

    public override string? Impossible(FaultSettings settings) =>
        settings.Store != "local" ? "the lake is on no disk of this machine" : System.Environment.IsPrivilegedProcess ? null : "only root may mount a small disk";

    public override async Task Prepare(Site site, CancellationToken ct)
    {
        var folder = Folder(site);
        Directory.CreateDirectory(folder);
        await Tool.Run("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", folder], ct);
        site.Afterwards(() => Tool.Run("umount", ["--lazy", folder], CancellationToken.None));
    }

    public override async Task Happen(Site site, CancellationToken ct)
    {
        var filler = Path.Combine(Folder(site), "filler");
        await using (var file = new FileStream(filler, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            for (var size = 1 << 20; size > 0;)
                try
                {
                    await file.WriteAsync(new byte[size], ct);
                }
                catch (IOException)
                {
                    size /= 2;
                }
        await Task.Delay(site.Settings.Outage, ct);
        site.Over();
        File.Delete(filler);
    }

    private static string Folder(Site site) => Path.Combine(site.Data, "lake");
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
