using Causality.Contracts.Events;

namespace Causality.Ingest.Publishing;

/// <summary>One request's accepted events, all of one app, received at one time. Who holds it disposes of its buffer.</summary>
/// <param name="Hours">Hours since 1970, UTC, in which the events happened: their partitions of the lake.</param>
internal sealed record CapturedBatch(string AppId, DateTimeOffset ReceivedAt, IReadOnlySet<int> Hours, EventBatchWriter Events)
{
    public AppHourCount Count => new(AppId, (int)(ReceivedAt.ToUnixTimeSeconds() / 3600), Events.Count);

    /// <summary>
    /// Deals the events out to batches of so many hours at most, each hour to one of them, and gives this one's buffer back. The sink makes a file of
    /// each hour and takes a message whole, so what one flush has to write is bounded by what one message holds.
    /// </summary>
    public IReadOnlyList<CapturedBatch> Cut(int hours)
    {
        CapturedBatch[] parts = [.. Hours.Order().Chunk(hours).Select(some => this with { Hours = some.ToHashSet(), Events = new EventBatchWriter() })];
        var partOf = parts.SelectMany(part => part.Hours, (part, hour) => (hour, part.Events)).ToDictionary(h => h.hour, h => h.Events);
        var reader = new EventBatchReader();
        var bytes = Events.Written;
        reader.Reset(bytes);
        for (var start = 0; reader.Next(out var frame); start = reader.Position)
        {
            reader.Read(frame);
            partOf[(int)(reader.Number(EventColumn.TimestampMs) / 3_600_000)].Append(bytes.Span[start..reader.Position], 1);
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
