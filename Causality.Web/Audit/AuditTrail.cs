using System.Text.Json;
using Causality.Http;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Web.Audit;

/// <summary>Writes what is no fact: sign-ins, refusals, exports.</summary>
internal sealed class AuditTrail(NpgsqlDataSource database, TimeProvider clock) : IAuditTrail
{
    public async Task Record(AuditEntry entry, CancellationToken ct)
    {
        await using var insert = database.CreateCommand(
            "insert into audit_log (id, at, organization_id, actor_id, actor_email, action, subject, address, request_id, changes) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
        insert.Parameters.AddWithValue(Guid.CreateVersion7());
        insert.Parameters.AddWithValue(clock.GetUtcNow());
        insert.Parameters.Add(new() { Value = (object?)entry.OrganizationId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        foreach (var text in new[] { entry.ActorId, entry.ActorEmail, entry.Action, entry.Subject, entry.Address, entry.RequestId })
            insert.Parameters.Add(new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        insert.Parameters.Add(new() { Value = JsonSerializer.Serialize(entry.Changes ?? [], AuditChanges.Json), NpgsqlDbType = NpgsqlDbType.Jsonb });
        await insert.ExecuteNonQueryAsync(ct);
    }
}
