using System.Diagnostics;

namespace Causality.Benchmarks.Faults.Kinds;

/// <summary>
/// A job runs on one host at a time, by a lock of a session of PostgreSQL. The host that compacts loses that session, and in every other round it stands still as well, while another takes the
/// job over: so two compact the same files, and one of them must find out at its end that it was too slow.
/// </summary>
internal sealed class TwoCompactors : Fault
{
    private const int LocksOfJobs = 0x4a6f_6273;   // pg_locks.classid of the product's locks
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(30);

    public override string Name => "two-compactors";
    public override string Sentence => "Two hosts compact at once, since the first loses its lock, or stands still and loses it, while events come.";
    public override int Hosts => 2;

    public override async Task Happen(Site site, CancellationToken ct)
    {
        foreach (var host in site.Hosts)
            await site.SignIn(ct, host);
        for (var (start, round) = (Stopwatch.GetTimestamp(), 0); Stopwatch.GetElapsedTime(start) < site.Settings.Outage; round++)
            await Round(site, site.Hosts[round % 2], site.Hosts[(round + 1) % 2], frozen: round / 2 % 2 == 1, site.AppKeys[round % site.AppKeys.Count].Id, ct);
        if (await site.Count("select count(*) from job_runs where job = 'compaction' and state = 'lost'") == 0)
            throw new InvalidOperationException("No compaction lost its lock, so nothing is proven.");
    }

    private static async Task Round(Site site, SiteHost first, SiteHost second, bool frozen, string app, CancellationToken ct)
    {
        if (!await Site.Until(() => Begun(first, app, ct), Enough, ct))
            throw new InvalidOperationException($"No compaction could begin within {Enough.TotalSeconds:0} s.");
        if (frozen)
            first.Freeze();
        try
        {
            await site.Administer($"select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = {LocksOfJobs} and database = (select oid from pg_database where datname = '{site.VirtualHost}')", ct);
            await Site.Until(() => Begun(second, app, ct), TimeSpan.FromSeconds(3), ct);
            if (frozen)
                await Task.Delay(TimeSpan.FromSeconds(1), ct);   // for the second to come to its end
        }
        finally
        {
            if (frozen)
                first.Thaw();
        }
    }

    private static async Task<bool> Begun(SiteHost host, string app, CancellationToken ct)
    {
        try
        {
            await host.Run("compaction", new { app_id = app }, ct);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;   // it runs already
        }
    }
}
