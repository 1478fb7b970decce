using Causality.Contracts;
using Npgsql;

namespace Causality.Host;

/// <summary>Which organization a start or a command is about.</summary>
internal static class Organizations
{
    /// <summary>The oldest; null where there is none yet.</summary>
    public static async Task<Guid?> First(NpgsqlDataSource database, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select id from organizations order by created_at, id limit 1");
        return (Guid?)await select.ExecuteScalarAsync(ct);
    }

    /// <summary>The one of this id or name; without one, the oldest, or null where there is none. Throws <see cref="RefusedException"/> where it is not clear which is meant.</summary>
    public static async Task<Guid?> Named(NpgsqlDataSource database, string? name, CancellationToken ct)
    {
        if (name is null)
            return await First(database, ct);
        await using var select = database.CreateCommand("select id, name from organizations where id::text = lower($1) or name = $1 order by created_at, id");
        select.Parameters.AddWithValue(name);
        await using var rows = await select.ExecuteReaderAsync(ct);
        var found = new List<(Guid Id, string Name)>();
        while (await rows.ReadAsync(ct))
            found.Add((rows.GetGuid(0), rows.GetString(1)));
        return found switch
        {
            [] => throw new RefusedException("organization-missing", $"There is no organization \"{name}\"."),
            [var one] => one.Id,
            _ => throw new RefusedException("organization-unclear", $"Several organizations have this name; name one by its id with --organization: {string.Join(", ", found.Select(o => $"{o.Id} ({o.Name})"))}."),
        };
    }
}
