using Causality.Contracts.Events;

namespace Causality.Ingest.Publishing;

/// <summary>One request's accepted events, all of one app, received at one time. Who holds it disposes of its buffer.</summary>
internal sealed record CapturedBatch(string AppId, DateTimeOffset ReceivedAt, EventBatchWriter Events)
{
    public AppHourCount Count => new(AppId, (int)(ReceivedAt.ToUnixTimeSeconds() / 3600), Events.Count);
}

/// <summary>A batch that waits to be joined with others, and the request that waits for its answer.</summary>
internal sealed class WaitingBatch(CapturedBatch batch)
{
    private readonly TaskCompletionSource<bool> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CapturedBatch Batch { get; } = batch;
    public Task<bool> Answered => _answer.Task;

    public void Answer(bool durable) => _answer.TrySetResult(durable);
}
