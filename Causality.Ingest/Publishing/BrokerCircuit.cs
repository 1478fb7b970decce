using Microsoft.Extensions.Logging;

namespace Causality.Ingest.Publishing;

/// <summary>
/// Whether the broker is known to be away, so that no request waits for it in vain. It opens with the first message that is not confirmed, and
/// with an alarm of the broker; it closes with the first message that is confirmed while it is open, and with the end of the alarm.
/// </summary>
internal sealed class BrokerCircuit(TimeProvider clock, ILogger<BrokerCircuit> log) : IBrokerAlarm
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private volatile bool _away, _blocked;
    private long _probedAt;

    public bool IsOpen => _away || _blocked;

    public bool IsBlocked => _blocked;

    /// <summary>A message was not confirmed.</summary>
    public void Failed(Guid messageId, int events, Exception error)
    {
        lock (_gate)
        {
            if (_away)
            {
                log.NotConfirmed(messageId, events, error.Message);
                return;
            }
            _away = true;
            _probedAt = clock.GetTimestamp();
            log.BrokerAway(messageId, events, error);
        }
    }

    /// <summary>A message that was sent while the circuit was open, to see whether the broker is there, has been confirmed.</summary>
    public void Confirmed()
    {
        if (!_away)
            return;
        lock (_gate)
        {
            if (_away)
                log.BrokerBack();
            _away = false;
        }
    }

    public void Raised(string reason)
    {
        lock (_gate)
        {
            if (!_blocked)
                log.BrokerBlocked(reason);
            _blocked = true;
        }
    }

    public void Cleared()
    {
        lock (_gate)
        {
            if (_blocked)
                log.BrokerUnblocked();
            _blocked = false;
        }
    }

    /// <summary>True for one message a second, which is to find out whether the broker is back where nothing spooled does.</summary>
    public bool TakeProbe()
    {
        lock (_gate)
        {
            if (_blocked || clock.GetElapsedTime(_probedAt) < ProbeInterval)
                return false;
            _probedAt = clock.GetTimestamp();
            return true;
        }
    }
}

/// <summary>
/// To be told by whoever holds the publishing connection: a broker that is short of memory or disk blocks it, and confirms nothing until it
/// is not.
/// </summary>
public interface IBrokerAlarm
{
    void Raised(string reason);

    /// <summary>Also when the connection is gone: the next one is blocked, or not, by itself.</summary>
    void Cleared();
}
