using Causality.Contracts.Events;
using RabbitMQ.Client;

namespace Causality.Benchmarks.Faults.Kinds;

/// <summary>What makes a host pass the steps of an enumeration, so that it dies at one of them: traffic alone does for a flush.</summary>
internal class Provocation
{
    /// <summary>The how manieth passage kills. Not the first: what was before must outlive it too.</summary>
    public virtual int Passage => 3;

    public virtual IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>();

    /// <summary>While the host still runs that is about to be replaced by the one that will die.</summary>
    public virtual Task Before(Site site, CancellationToken ct) => Task.CompletedTask;

    /// <summary>Beside the traffic, until the host is dead; begun when it is ready, unless it was dead before that.</summary>
    public virtual Task Drive(Site site, CancellationToken dead) => Task.CompletedTask;

    /// <summary>When its next process is ready.</summary>
    public virtual Task After(Site site, CancellationToken ct) => Task.CompletedTask;

    /// <summary>By the enumeration that a step is of.</summary>
    public static Provocation Of(string step) => step switch
    {
        "SpoolStep.SegmentTaken" => new SegmentsLeft(),
        "SwapStep.RetiredDeleted" => new FilesRetired(),
        _ when step.StartsWith("SpoolStep.", StringComparison.Ordinal) => new BrokerComesAndGoes(),
        _ when step.StartsWith("SwapStep.", StringComparison.Ordinal) => new Compactions(),
        _ when step.StartsWith("ReplayStep.", StringComparison.Ordinal) => new Replays(),
        _ => new Provocation(),
    };

    /// <summary>Again and again until the host is dead; what it does not answer any more is what is wanted.</summary>
    protected static async Task UntilDead(Func<Task> provoke, TimeSpan pause, CancellationToken dead)
    {
        while (!dead.IsCancellationRequested)
            try
            {
                await provoke();
                await Task.Delay(pause, dead);
            }
            catch (Exception gone) when (gone is HttpRequestException or TaskCanceledException or OperationCanceledException)
            {
            }
    }
}

/// <summary>The network to the broker is cut and mended in turns, so that segments are made, filled, drained and removed.</summary>
internal class BrokerComesAndGoes : Provocation
{
    // longer than a request waits for the broker before its events go to the spool
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(8), There = TimeSpan.FromSeconds(4);

    public override IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["CAUSALITY_INGEST__SPOOL__SEGMENTBYTES"] = "65536" };

    public override async Task Drive(Site site, CancellationToken dead)
    {
        await UntilDead(async () =>
        {
            site.BrokerWire.Cut();
            await Task.Delay(Away, dead);
            site.BrokerWire.Mend();
        }, There, dead);
        site.BrokerWire.Mend();
    }
}

/// <summary>A host dies with several segments in its spool, which the next one takes over.</summary>
internal sealed class SegmentsLeft : BrokerComesAndGoes
{
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(60);

    public override async Task Before(Site site, CancellationToken ct)
    {
        site.BrokerWire.Cut();
        if (!await Site.Until(() => Task.FromResult(site.Spooled().Count > Passage), Enough, ct))
            throw new InvalidOperationException($"No {Passage} segments were spooled within {Enough.TotalSeconds:0} s, so nothing is proven.");
        await site.Hosts[0].Kill(ct);
        site.BrokerWire.Mend();
    }
}

/// <summary>One app after another is compacted.</summary>
internal class Compactions : Provocation
{
    public override Task Drive(Site site, CancellationToken dead) => site.KeepCompacting(site.Hosts[0], dead);
}

/// <summary>Files that compaction has replaced become old at once. The janitor deletes them when the next host starts, all in one passage.</summary>
internal sealed class FilesRetired : Compactions
{
    private const int Files = 10;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(60);

    public override int Passage => 1;

    public override async Task Before(Site site, CancellationToken ct)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var compaction = site.KeepCompacting(site.Hosts[0], enough.Token);
        var retired = await Site.Until(async () => await site.Count("select count(*) from lake_files where retired_at is not null and published") > Files, Enough, ct);
        await enough.CancelAsync();
        await compaction;
        if (!retired)
            throw new InvalidOperationException($"No {Files} files were replaced within {Enough.TotalSeconds:0} s, so nothing is proven.");
        await site.Hosts[0].Kill(ct);
        await site.Count("with old as (update lake_files set retired_at = retired_at - interval '2 hours' where retired_at is not null returning 1) select count(*) from old");
    }
}

/// <summary>Letters that the broker gave up, sound but for that, are replayed one by one; those that the dead host has left, by its next process.</summary>
internal sealed class Replays : Provocation
{
    private const string App = "app-1", DeadQueue = "causality.sink.dead";
    private const int Letters = 12, EventsOfLetter = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300), Enough = TimeSpan.FromSeconds(60);

    public override async Task Before(Site site, CancellationToken ct)
    {
        await using var connection = await new ConnectionFactory { Uri = site.Broker }.CreateConnectionAsync(ct);
        await using var channel = await connection.CreateChannelAsync(Poison.Confirmed, ct);
        for (var i = 0; i < Letters; i++)
        {
            List<SentEvent> events = [.. Enumerable.Range(0, EventsOfLetter).Select(_ => SentEvent.Make(App, DateTimeOffset.UtcNow))];
            using var batch = new EventBatchWriter();
            events.ForEach(sent => Poison.Write(batch, sent));
            site.Journal.Ask(events);
            await Poison.Publish(channel, DeadQueue, App, batch.Written, EventsOfLetter, ct);
            events.ForEach(sent => site.Journal.Take(sent, Answer.Accepted));   // the broker has confirmed it
        }
        if (!await Site.Until(async () => await site.Count("select count(*) from dead_letters where state = 'open'") == Letters, Enough, ct))
            throw new InvalidOperationException($"{Letters} letters were not kept within {Enough.TotalSeconds:0} s, so nothing is proven.");
        await site.SignIn(ct);
    }

    public override Task Drive(Site site, CancellationToken dead) => UntilDead(() => Replay(site, 1, dead), Pause, dead);

    public override async Task After(Site site, CancellationToken ct)
    {
        await site.SignIn(ct);
        await Replay(site, Letters, ct);
    }

    private static async Task Replay(Site site, int most, CancellationToken ct)
    {
        var open = await site.Hosts[0].Get($"/api/v1/operations/dead-letters/letters?app_id={App}&state=open", ct);
        Guid[] ids = [.. open.GetProperty("letters").EnumerateArray().Take(most).Select(letter => letter.GetProperty("id").GetGuid())];
        if (ids.Length > 0)
            await site.Hosts[0].Post("/api/v1/operations/dead-letters/replay", new { ids, app_id = App }, ct);
    }
}

/// <summary>Old events come for apps that keep theirs for a day, and retention takes them out again.</summary>
internal sealed class Retention : Provocation
{
    private const int Days = 1, OldEvents = 60;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);   // they must be stored first

    public override async Task Before(Site site, CancellationToken ct)
    {
        await site.SignIn(ct);
        foreach (var (app, _) in site.AppKeys.Skip(1))
        {
            var version = (await site.Hosts[0].Get($"/api/v1/apps/{app}", ct)).GetProperty("version").GetInt64();
            await site.Hosts[0].Patch($"/api/v1/apps/{app}", new { version, retention_days = Days }, ct);
        }
        await Send(site);
    }

    public override Task Drive(Site site, CancellationToken dead) => UntilDead(async () =>
    {
        await Send(site);
        await Task.Delay(Pause, dead);
        await site.Hosts[0].Run("retention", new { }, dead);
    }, Pause, dead);

    private static async Task Send(Site site)
    {
        foreach (var (app, _) in site.AppKeys.Skip(1))
        {
            List<SentEvent> old = [.. Enumerable.Range(0, OldEvents).Select(i => SentEvent.Make(app, DateTimeOffset.UtcNow.AddDays(-Days - 2).AddMinutes(-5 * i)))];
            site.Journal.MayExpire(old);
            await site.Traffic.Deliver(old, patient: false);
        }
    }
}
