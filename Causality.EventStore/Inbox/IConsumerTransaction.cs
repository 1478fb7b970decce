using Npgsql;

namespace Causality.EventStore.Inbox;

/// <summary>
/// The database transaction of one consumed message: its row in the inbox, the facts and rows that its consumer records, the state of its saga,
/// and the messages that it sends, all or none.
/// </summary>
internal interface IConsumerTransaction
{
    NpgsqlConnection Connection { get; }

    NpgsqlTransaction Transaction { get; }

    /// <summary>False once it is over, one way or the other.</summary>
    bool Open { get; }

    /// <summary>Puts the messages of this transaction in order with those of a stream or saga whose row it holds. The first counts.</summary>
    void OrderBy(string lane);

    /// <summary>Cancels a scheduled message, with the transaction.</summary>
    void Cancel(Guid token);
}
