using System.Text.Json;
using Causality.EventStore.Streams;
using Npgsql;
using NpgsqlTypes;

namespace Causality.EventStore.Sagas;

/// <summary>The statements on the table <c>sagas</c>. Whoever changes a row expects the version that it has read, and holds the row until it commits.</summary>
internal sealed class SagaTable<TSaga>(string type, NpgsqlConnection connection, TimeProvider clock)
    where TSaga : class, IStoredSaga
{
    public string Lane(TSaga saga) => $"saga/{type}/{saga.CorrelationId}";

    public SagaConflictException Conflict(TSaga saga) => new(type, saga.CorrelationId);

    public async Task<TSaga?> Load(Guid id, CancellationToken ct)
    {
        await using var select = new NpgsqlCommand("select data, version from sagas where type = $1 and id = $2", connection)
        {
            Parameters = { new() { Value = type }, new() { Value = id } },
        };
        await using var rows = await select.ExecuteReaderAsync(ct);
        if (!await rows.ReadAsync(ct))
            return null;
        var saga = JsonSerializer.Deserialize<TSaga>(rows.GetString(0), FactTypes.Json)!;
        saga.CorrelationId = id;
        saga.Version = rows.GetInt32(1);
        return saga;
    }

    /// <summary>False when there is one with this id.</summary>
    public async Task<bool> Insert(TSaga saga, CancellationToken ct)
    {
        saga.Version = 1;
        return await Write(saga, "insert into sagas (type, id, version, state, data, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $6) on conflict do nothing", ct) == 1;
    }

    /// <summary>Throws <see cref="SagaConflictException"/> when it is no longer at the version that was loaded.</summary>
    public async Task Update(TSaga saga, CancellationToken ct)
    {
        if (await Write(saga, "update sagas set version = version + 1, state = $4, data = $5, updated_at = $6 where type = $1 and id = $2 and version = $3", ct) == 0)
            throw Conflict(saga);
        saga.Version++;
    }

    /// <summary>Throws <see cref="SagaConflictException"/> as <see cref="Update"/> does.</summary>
    public async Task Delete(TSaga saga, CancellationToken ct)
    {
        await using var delete = new NpgsqlCommand("delete from sagas where type = $1 and id = $2 and version = $3", connection)
        {
            Parameters = { new() { Value = type }, new() { Value = saga.CorrelationId }, new() { Value = saga.Version } },
        };
        if (await delete.ExecuteNonQueryAsync(ct) == 0)
            throw Conflict(saga);
    }

    private async Task<int> Write(TSaga saga, string sql, CancellationToken ct)
    {
#pragma warning disable CA2100 // the text is one of the two above
        await using var write = new NpgsqlCommand(sql, connection)
#pragma warning restore CA2100
        {
            Parameters =
            {
                new() { Value = type },
                new() { Value = saga.CorrelationId },
                new() { Value = saga.Version },
                new() { Value = saga.State },
                new() { Value = JsonSerializer.Serialize(saga, FactTypes.Json), NpgsqlDbType = NpgsqlDbType.Jsonb },
                new() { Value = clock.GetUtcNow() },
            },
        };
        return await write.ExecuteNonQueryAsync(ct);
    }
}
