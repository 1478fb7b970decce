using System.Globalization;
using System.Text.Json;
using Causality.Contracts;
using Causality.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Web.Audit;

/// <summary>What of the log is asked for; every part is optional, and all that are given must hold.</summary>
/// <param name="From">A day (UTC) or an instant (RFC 3339); included.</param>
/// <param name="To">The same; excluded.</param>
/// <param name="Actor">A user's id, or a part of the e-mail.</param>
/// <param name="Action">An action's name, such as <c>app-created</c>.</param>
/// <param name="Subject">What it was done to, or how that begins: <c>app/</c>, <c>app/shop</c>.</param>
/// <param name="Q">A part of any text of the entry.</param>
internal sealed record AuditFilter(
    [FromQuery] string? From = null, [FromQuery] string? To = null, [FromQuery] string? Actor = null, [FromQuery] string? Action = null, [FromQuery] string? Subject = null, [FromQuery] string? Q = null)
{
    private const string Columns = "id, at, action, subject, changes, actor_id, actor_email, address, request_id";

    /// <summary>The entries that an organization's admins may read; of persons without organization where it is null, the newest first.</summary>
    public NpgsqlCommand Select(NpgsqlDataSource database, Guid? organization, (DateTimeOffset At, Guid Id)? before, int? limit)
    {
        var command = database.CreateCommand();
        var conditions = new List<string>();
        string Value(object value, NpgsqlDbType type)
        {
            command.Parameters.Add(new() { Value = value, NpgsqlDbType = type });
            return $"${command.Parameters.Count}";
        }
        if (organization is { } id)
        {
            var place = Value(id, NpgsqlDbType.Uuid);
            conditions.Add($"""
                (organization_id = {place} or organization_id is null and exists (
                    select from members m join users u on u.id = m.user_id
                    where m.organization_id = {place} and (u.id::text = actor_id or subject = 'account/' || u.email) and at >= m.joined_at))
                """);
        }
        else
            conditions.Add("organization_id is null");
        if (Moment(From, "from") is { } from)
            conditions.Add($"at >= {Value(from, NpgsqlDbType.TimestampTz)}");
        if (Moment(To, "to") is { } to)
            conditions.Add($"at < {Value(to, NpgsqlDbType.TimestampTz)}");
        if (Actor is { Length: > 0 })
            conditions.Add($"(actor_id = {Value(Actor, NpgsqlDbType.Text)} or strpos(lower(actor_email), lower({Value(Actor, NpgsqlDbType.Text)})) > 0)");
        if (Action is { Length: > 0 })
            conditions.Add($"action = {Value(Action, NpgsqlDbType.Text)}");
        if (Subject is { Length: > 0 })
            conditions.Add($"starts_with(subject, {Value(Subject, NpgsqlDbType.Text)})");
        if (Q is { Length: > 0 })
            conditions.Add($"strpos(lower(concat_ws(' ', actor_email, action, subject, address, request_id, changes::text)), lower({Value(Q, NpgsqlDbType.Text)})) > 0");
        if (before is { } end)
            conditions.Add($"(at, id) < ({Value(end.At, NpgsqlDbType.TimestampTz)}, {Value(end.Id, NpgsqlDbType.Uuid)})");
#pragma warning disable CA2100 // the text is made of constants and of places for parameters
        command.CommandText = $"select {Columns} from audit_log where {string.Join(" and ", conditions)} order by at desc, id desc{(limit is null ? "" : $" limit {limit}")}";
#pragma warning restore CA2100
        return command;
    }

    internal static ReadAudit.Entry Entry(NpgsqlDataReader row)
    {
        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
        return new ReadAudit.Entry(row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), new ReadAudit.By(Text(5), Text(6)), row.GetString(2), row.GetString(3),
            JsonSerializer.Deserialize<IReadOnlyList<AuditChange>>(row.GetString(4), AuditChanges.Json)!, Text(7), Text(8));
    }

    private static DateTimeOffset? Moment(string? text, string name) =>
        text is not { Length: > 0 } ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment.ToUniversalTime()
        : throw new RefusedException("audit-filter-invalid", $"{name} must be a day (2026-03-01) or an instant (2026-03-01T12:00:00Z), not \"{text}\".", StatusCodes.Status400BadRequest);
}
