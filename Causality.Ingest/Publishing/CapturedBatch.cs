using Causality.Contracts.Events;

namespace Causality.Ingest.Publishing;

/// <summary>One request's accepted events, all of one app, received at one time. Who holds it disposes of its buffer.</summary>
/// <param name="Hours">Hours since 1970, UTC, in which the events happened: their partitions of the lake.</param>
internal sealed record CapturedBatch(string AppId, DateTimeOffset ReceivedAt, IReadOnlySet<int> Hours, EventBatchWriter Events)
{
    public AppHourCount Count => new(AppId, (int)(ReceivedAt.ToUnixTimeSeconds() / 3600), Events.Count);

    /// <summary>
    /// This batch, or where it has more than so many hours or bytes, several that have not, and gives this one's buffer back; an hour goes to one of them
    /// unless it is too large by itself. The sink makes a file of each hour, and takes and holds a message whole, so what a message may hold bounds both.
    /// </summary>
    public IReadOnlyList<CapturedBatch> Cut(int hours, int bytes)
    {
        if (Hours.Count <= hours && Events.Length <= bytes)
            return [this];
        var parts = new List<CapturedBatch>();
        var partOf = new Dictionary<int, int>();
        foreach (var some in Hours.Order().Chunk(hours))
        {
            foreach (var hour in some)
                partOf[hour] = parts.Count;
            parts.Add(this with { Hours = some.ToHashSet(), Events = new EventBatchWriter() });
        }
        var reader = new EventBatchReader();
        var all = Events.Written;
        reader.Reset(all);
        for (var start = 0; reader.Next(out var frame); start = reader.Position)
        {
            reader.Read(frame);
            var hour = (int)(reader.Number(EventColumn.TimestampMs) / 3_600_000);
            var part = parts[partOf[hour]];
            if (part.Events.Count > 0 && part.Events.Length + reader.Position - start > bytes)
            {
                foreach (var together in part.Hours)
                    partOf[together] = parts.Count;
                parts.Add(part = part with { Events = new EventBatchWriter() });
            }
            part.Events.Append(all.Span[start..reader.Position], 1);
        }
        Events.Dispose();
        return parts;
    }
}

/// <summary>A batch that waits to be joined with others, and the request that waits for its answer.</summary>
internal sealed class WaitingBatch(CapturedBatch batch)
{
    private readonly TaskCompletionSource<bool> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CapturedBatch Batch { get; } = batch;
    public Task<bool> Answered => _answer.Task;

    public void Answer(bool durable) => _answer.TrySetResult(durable);
}
