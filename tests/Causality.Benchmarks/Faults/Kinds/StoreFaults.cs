using Causality.Testing;
using Microsoft.AspNetCore.Http;
using Harm = Causality.Testing.Fault;

namespace Causality.Benchmarks.Faults.Kinds;

/// <summary>The way to the object store does one harm after another, while events are flushed and files are compacted, each for its share of the outage, and until a request has suffered it.</summary>
internal sealed class StoreFault(string name, string sentence, params (Harm Harm, Func<HttpRequest, bool> To)[] harms) : Fault
{
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(60);

    public static IReadOnlyList<StoreFault> All { get; } =
    [
        new("store-500", "The object store answers 500 to everything.", (new Harm.Answer(500), Any)),
        new("store-503", "The object store answers 503, SlowDown, to everything.", (new Harm.Answer(503, "SlowDown"), Any)),
        new("store-answers-lost", "The object store does what changes it, and the connection is cut instead of an answer; then none ever comes.", (new Harm.CutAnswer(), Writes), (new Harm.LoseAnswer(), Writes)),
        new("store-truncates", "The object store gets half of each upload; then half of what is read arrives and the connection is cut; then half, as if that were all.",
            (new Harm.TruncateUpload(), Uploads), (new Harm.TruncateAnswer(), Reads), (new Harm.TruncateAnswer(Quietly: true), Reads)),
        new("store-slow", "What goes to the object store, and comes from it, trickles at 1 kB/s.", (new Harm.Slow(1000), Any)),
    ];

    public override string Name => name;
    public override string Sentence => sentence;

    // a merge reads what was flushed, and shall have to fetch it
    public override IReadOnlyDictionary<string, string> Environment(Site site) => new Dictionary<string, string> { ["CAUSALITY_S3__CACHEBYTES"] = "0" };

    public override string? Impossible(FaultSettings settings) => settings.Store != "s3" ? "the lake lies in no object store" : null;

    public override async Task Happen(Site site, CancellationToken ct)
    {
        var way = ((S3Lake)site.Lake).Way;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var compaction = site.KeepCompacting(site.Hosts[0], enough.Token);
        try
        {
            foreach (var (harm, to) in harms)
            {
                var before = way.Harmed;
                way.Harm(harm, to);
                await Task.Delay(site.Settings.Outage / harms.Length, ct);
                if (!await Site.Until(() => Task.FromResult(way.Harmed > before), Enough, ct))   // who waits for an answer that was lost, or is dead, asks nothing
                    throw new InvalidOperationException($"No request suffered {harm}, so nothing is proven.");
            }
        }
        finally
        {
            way.Heal();
            site.Over();
            await enough.CancelAsync();
            await compaction;
        }
    }

    private static bool Any(HttpRequest request) => true;

    // of files, not of lists
    private static bool Reads(HttpRequest request) => HttpMethods.IsGet(request.Method) && request.Path.Value!.Contains("/events/", StringComparison.Ordinal);

    private static bool Writes(HttpRequest request) => !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);

    private static bool Uploads(HttpRequest request) => HttpMethods.IsPut(request.Method) && request.ContentLength > 0;
}
