using System.Text.Json.Nodes;
using Npgsql;

namespace Causality.Sink.DeadLetters;

/// <summary>A dead letter as the routes answer it.</summary>
/// <param name="State"><c>open</c>, <c>replayed</c> (or on its way) or <c>discarded</c>.</param>
/// <param name="Bytes">Of the body; 0 once it was replayed or discarded.</param>
/// <param name="MessageId">The message that it came with.</param>
/// <param name="Detail">What of the reason differs from letter to letter.</param>
/// <param name="AppId">Left out where it is of several apps, or nobody's.</param>
/// <param name="Preview">The events, as far as they can be read: columns of the lake by name, <c>payload</c> as JSON, <c>damage</c> with what is wrong.</param>
/// <param name="ReplayOf">The letter whose replay ended in this one.</param>
/// <param name="ReplayedMessageId">The message that it was sent again as.</param>
internal sealed record ShownLetter(Guid Id, DateTimeOffset At, long Events, string Reason, long Bytes, string State, Guid MessageId, string? Detail = null, string? AppId = null,
    IReadOnlyList<JsonObject>? Preview = null, Guid? ReplayOf = null, Guid? ReplayedMessageId = null, DateTimeOffset? ResolvedAt = null, string? ResolvedBy = null)
{
    internal const string Columns = "id, at, events, reason, length(body)::bigint, case state when 'replaying' then 'replayed' else state end, message_id, detail, app_id, replay_of, replayed_message_id, resolved_at, resolved_by";

    internal const int BodyColumn = 13;

    /// <summary>A row of <see cref="Columns"/> and, behind them, the body or its beginning.</summary>
    internal static ShownLetter Of(NpgsqlDataReader row, int events, int characters)
    {
        var body = (byte[])row[BodyColumn];
        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
        Guid? Id(int column) => row.IsDBNull(column) ? null : row.GetGuid(column);
        return new ShownLetter(row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), row.GetInt64(2), row.GetString(3), row.GetInt64(4), row.GetString(5), row.GetGuid(6), Text(7), Text(8),
            body.Length == 0 ? null : LetterPreview.Of(body, events, characters), Id(9), Id(10), row.IsDBNull(11) ? null : row.GetFieldValue<DateTimeOffset>(11), Text(12));
    }
}
