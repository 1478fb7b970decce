using System.Collections.Concurrent;
using System.Threading.Channels;
using Causality.Contracts.Events;

namespace Causality.Sink.Flushing;

/// <summary>
/// Where messages meet their flush. Bounded by the endpoint's prefetch, since who waits here is not acknowledged; a message that the broker delivers again, because the
/// connection of its first delivery was lost, waits for the first one's flush.
/// </summary>
internal sealed class OpenFlush(TimeProvider clock)
{
    private readonly Channel<Waiting> _waiting = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<Guid, Waiting> _joined = new();
    private int _held;

    /// <summary>Messages that have joined and whose flush has not committed.</summary>
    public int Held => Volatile.Read(ref _held);

    public ChannelReader<Waiting> Messages => _waiting.Reader;

    public async Task Join(Guid messageId, EventsAccepted message)
    {
        Waiting? own = null;
        Interlocked.Increment(ref _held);
        try
        {
            if (!_joined.TryGetValue(messageId, out var first))
                first = _joined.GetOrAdd(messageId, own = new Waiting(messageId, message, clock.GetTimestamp()));
            if (ReferenceEquals(first, own))
                await _waiting.Writer.WriteAsync(own);
            await first.Committed.Task;
        }
        finally
        {
            if (own is not null)
                _joined.TryRemove(KeyValuePair.Create(messageId, own));
            Interlocked.Decrement(ref _held);
        }
    }
}
