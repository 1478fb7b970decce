using System.Collections.Concurrent;
using Causality.Contracts.Events;
using Causality.Ingest.Publishing;

namespace Causality.Ingest.Tests.Publishing;

internal sealed record Sent(Guid MessageId, byte[] Body, string Counts);

internal sealed class FakeBus : IEventBus
{
    private TaskCompletionSource _gate = Open();
    private int _reached;
    private int _cancelled;

    public ConcurrentQueue<Sent> Messages { get; } = new();
    public int FailFrom { get; set; } = int.MaxValue;
    public int Cancelled => Volatile.Read(ref _cancelled);

    public void Hold() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void LetGo() => _gate.TrySetResult();

    public async Task Reached(int messages)
    {
        while (Volatile.Read(ref _reached) < messages)
            await Task.Delay(1);
    }

    public async Task Publish(EventsAccepted message, Guid messageId, CancellationToken ct)
    {
        Messages.Enqueue(new Sent(messageId, message.Batch.ToArray(), message.Counts.ToString()));
        var number = Interlocked.Increment(ref _reached);
        try
        {
            await _gate.Task.WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _cancelled);
            throw;
        }
        if (number >= FailFrom)
            throw new InvalidOperationException("not confirmed");
    }

    private static TaskCompletionSource Open()
    {
        var gate = new TaskCompletionSource();
        gate.SetResult();
        return gate;
    }
}
