using Npgsql;

namespace Causality.EventStore;

/// <summary>
/// What a session is told that holds what others wait for. A host that vanishes without a goodbye is noticed in a quarter of a minute then, not
/// in the two hours that are usual, also where an answer to it is still on its way.
/// </summary>
public static class WatchedSession
{
    public static NpgsqlBatchCommand Begin(bool forTransaction) => new(
        """
        select set_config('tcp_keepalives_idle', '5', $1), set_config('tcp_keepalives_interval', '3', $1), set_config('tcp_keepalives_count', '3', $1),
            set_config('tcp_user_timeout', '15000', $1)
        """)
    {
        Parameters = { new() { Value = forTransaction } },
    };
}
