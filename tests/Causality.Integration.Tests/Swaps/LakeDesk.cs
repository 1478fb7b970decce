using System.Text;
using Causality.Contracts;
using Causality.Contracts.Events;
using Causality.Lake.Ledger;
using Causality.Sink;
using Causality.Sink.Flushing;
using Causality.Sink.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace Causality.Integration.Tests.Swaps;

/// <summary>An event on its way into the lake.</summary>
internal sealed record Row(string Key, DateTimeOffset At, string Type = "opened", string App = World.App, string UserId = "", string DeviceId = "device", string Payload = """{"n":1}""", DateTimeOffset? ReceivedAt = null)
{
    public static List<Row> Some(int count, DateTimeOffset at, string app = World.App) => [.. Enumerable.Range(0, count).Select(i => new Row(Guid.CreateVersion7().ToString("N"), at.AddSeconds(i), $"type {i % 5}", app, $"user {i % 7}"))];
}

/// <summary>A host whose lake is filled by flushes and kept in order by jobs when the test says so.</summary>
internal sealed class LakeDesk(HostInside host)
{
    /// <summary>Takes away what would tidy up, or run jobs, by itself.</summary>
    public static void ByHand(IServiceCollection services) => services.Remove(services.Single(s => s.ImplementationType == typeof(Janitor)));

    /// <summary>One flush of these: a file for each app and hour.</summary>
    public async Task<FlushResult> Store(params IReadOnlyCollection<Row> rows)
    {
        var accepted = Message(rows);
        return await host.Services.GetRequiredService<Flush>().Run([new Waiting(Guid.CreateVersion7(), accepted, TimeProvider.System.GetTimestamp())], CancellationToken.None);
    }

    public static EventsAccepted Message(IReadOnlyCollection<Row> rows)
    {
        using var batch = new EventBatchWriter();
        foreach (var row in rows)
        {
            batch.Begin();
            batch.Text(EventColumn.AppId, Encoding.UTF8.GetBytes(row.App));
            batch.Text(EventColumn.Id, Encoding.UTF8.GetBytes(row.Key));
            batch.Text(EventColumn.DeviceId, Encoding.UTF8.GetBytes(row.DeviceId));
            batch.Text(EventColumn.UserId, Encoding.UTF8.GetBytes(row.UserId));
            batch.Number(EventColumn.TimestampMs, row.At.ToUnixTimeMilliseconds());
            batch.Number(EventColumn.ReceivedAtMs, (row.ReceivedAt ?? row.At).ToUnixTimeMilliseconds());
            batch.Text(EventColumn.IdempotencyKey, Encoding.UTF8.GetBytes(row.Key));
            batch.Text(EventColumn.EventCategory, "custom"u8);
            batch.Text(EventColumn.EventType, Encoding.UTF8.GetBytes(row.Type));
            batch.Text(EventColumn.PayloadJson, Encoding.UTF8.GetBytes(row.Payload));
            batch.Commit();
        }
        var counts = rows.GroupBy(r => (r.App, Hour: (int)((r.ReceivedAt ?? r.At).ToUnixTimeSeconds() / 3600))).Select(g => new AppHourCount(g.Key.App, g.Key.Hour, g.Count()));
        return new EventsAccepted(batch.Written.ToArray(), new EventCounts(Guid.CreateVersion7(), [.. counts]));
    }

    public Task<JobOutcome> Run(string job, JobOrder? order = null, CancellationToken ct = default) =>
        host.Services.GetServices<IMaintenanceJob>().Single(j => j.Name == job).Run(order ?? new JobOrder(), ct);

    public Task<LakeSnapshot> Read(DateTimeOffset hour, string app = World.App, long? asOf = null) =>
        host.Services.GetRequiredService<LakeReader>().Read(app, hour, hour.AddHours(1), asOf, CancellationToken.None);

    /// <summary>What a reader of the ledger sees: how often each key is there.</summary>
    public async Task<Dictionary<string, long>> Keys(World world, DateTimeOffset hour, string app = World.App, long? asOf = null)
    {
        using var snapshot = await Read(hour, app, asOf);
        return snapshot.Files.Count == 0 ? [] : world.Lake.Query($"SELECT idempotency_key, count(*) FROM {Source(snapshot)} GROUP BY ALL").ToDictionary(r => (string)r[0]!, r => (long)r[1]!);
    }

    public static string Source(LakeSnapshot snapshot) => $"read_parquet([{string.Join(", ", snapshot.Files.Select(f => $"'{f}'"))}], hive_partitioning = false)";
}

/// <summary>Does once, at one step, what it was told.</summary>
internal sealed class ArmedFailPoint : IFailPoint
{
    private Enum? _step;
    private Action? _act;

    public bool Failed => _act is null;

    public void Arm(Enum step, Action act) => (_step, _act) = (step, act);

    public void At(Enum step)
    {
        // what it does may block, which nothing may on the thread of a flush's scheduler: its own continuations would wait for it
        if (step.Equals(_step) && Interlocked.Exchange(ref _act, null) is { } act)
            Task.Run(act).GetAwaiter().GetResult();
    }
}
