using System.Threading.Channels;
using Causality.Contracts.Events;

namespace Causality.Sink.Flushing;

/// <summary>Where messages meet their flush. Bounded by the endpoint's prefetch, since who waits here is not acknowledged.</summary>
internal sealed class OpenFlush(TimeProvider clock)
{
    private readonly Channel<Waiting> _waiting = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private int _held;

    /// <summary>Messages that have joined and whose flush has not committed.</summary>
    public int Held => Volatile.Read(ref _held);

    public ChannelReader<Waiting> Messages => _waiting.Reader;

    public async Task Join(Guid messageId, EventsAccepted message)
    {
        var waiting = new Waiting(messageId, message, clock.GetTimestamp());
        Interlocked.Increment(ref _held);
        try
        {
            await _waiting.Writer.WriteAsync(waiting);
            await waiting.Committed.Task;
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
    }
}
