using System.Text.Json;
using Causality.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Causality.Host.Hosts;

/// <summary>GET /api/v1/operations/hosts: the processes of this installation, those that live first.</summary>
internal static class ListHosts
{
    private static readonly TimeSpan Alive = TimeSpan.FromSeconds(10);

    /// <param name="Name">Machine and port.</param>
    /// <param name="Alive">Whether it has told of itself in the last 10 s. One that was killed stays in the list for a day.</param>
    /// <param name="Status">Figures by module and name, such as <c>spool</c>, <c>bytes</c>.</param>
    public sealed record Host(Guid Id, string Name, IReadOnlyList<string> Roles, string Version, DateTimeOffset StartedAt, DateTimeOffset SeenAt, bool Alive,
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Status);

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/hosts", Handle).WithName("list-hosts").RequireAdministrator();

    internal static async Task<Ok<List<Host>>> Handle(NpgsqlDataSource database, CancellationToken ct)
    {
        await using var select = database.CreateCommand("select id, name, roles, version, started_at, seen_at, seen_at > now() - $1 as alive, status::text from hosts order by alive desc, name, started_at desc");
        select.Parameters.AddWithValue(Alive);
        await using var reader = await select.ExecuteReaderAsync(ct);
        var hosts = new List<Host>();
        while (await reader.ReadAsync(ct))
            hosts.Add(new Host(reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<string[]>(2), reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4), reader.GetFieldValue<DateTimeOffset>(5),
                reader.GetBoolean(6), JsonSerializer.Deserialize<Dictionary<string, IReadOnlyDictionary<string, double>>>(reader.GetString(7))!));
        return TypedResults.Ok(hosts);
    }
}
