using System.Text.Json;
using Causality.EventStore.Projections;
using Causality.EventStore.Streams;
using Npgsql;
using NpgsqlTypes;

namespace Causality.Web.Audit;

/// <summary>Every fact is an entry of the audit log, which commits with it.</summary>
internal sealed class AuditOfFacts : IProjection
{
    public string Name => "audit/1";

    public Rows Apply(Recorded recorded, Rows rows)
    {
        var origin = recorded.Origin;
        return rows.Add(
            "insert into audit_log (id, at, organization_id, actor_id, actor_email, action, subject, address, request_id, changes) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            recorded.Id, recorded.At, new NpgsqlParameter { Value = Guid.TryParse(origin.Tenant, out var organization) ? organization : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
            origin.Actor, origin.ActorName, recorded.Name, recorded.Stream.ToString(), origin.Address, origin.CorrelationId,
            new NpgsqlParameter { Value = JsonSerializer.Serialize(AuditChanges.Of(recorded.Data), AuditChanges.Json), NpgsqlDbType = NpgsqlDbType.Jsonb });
    }
}
