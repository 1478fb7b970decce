using System.Globalization;
using Causality.Contracts;
using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Web.Audit;

/// <summary>
/// GET /api/v1/organizations/{organization_id}/audit: who did what to whom, for the organization's admins, the newest first.
/// GET /api/v1/audit: the same of what belongs to no organization, for the installation's administrators.
/// </summary>
internal static class ReadAudit
{
    private const int Usual = 50, Most = 200;

    /// <param name="Changes">Each field with its old and new value; without an old one it is said for the first time.</param>
    public sealed record Entry(Guid Id, DateTimeOffset At, By Actor, string Action, string Subject, IReadOnlyList<AuditChange> Changes, string? Address = null, string? RequestId = null);

    /// <summary>Who did it; empty for who was not known.</summary>
    /// <param name="Id">A user's id, or a part of the system, such as <c>system:start</c>.</param>
    public sealed record By(string? Id = null, string? Email = null);

    /// <param name="Next">For <c>before</c>, to read on; left out at the end.</param>
    /// <param name="Actions">Every action there is to filter by.</param>
    public sealed record Response(IReadOnlyList<Entry> Entries, IReadOnlyList<string> Actions, string? Next = null);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/organizations/{organization_id:guid}/audit", OfOrganization).WithName("read-audit").WithTags("Audit").RequireRole(Role.Admin, In.Organization).ProducesProblem(StatusCodes.Status400BadRequest);
        routes.MapGet("/api/v1/audit", OfInstallation).WithName("read-audit-of-installation").WithTags("Audit").RequireAdministrator().ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static Task<Ok<Response>> OfOrganization(Guid organization_id, [AsParameters] AuditFilter filter, string? before, int? limit, NpgsqlDataSource database, CancellationToken ct) =>
        Read(filter, organization_id, before, limit, database, ct);

    private static Task<Ok<Response>> OfInstallation([AsParameters] AuditFilter filter, string? before, int? limit, NpgsqlDataSource database, CancellationToken ct) =>
        Read(filter, null, before, limit, database, ct);

    private static async Task<Ok<Response>> Read(AuditFilter filter, Guid? organization, string? before, int? limit, NpgsqlDataSource database, CancellationToken ct)
    {
        if (limit is < 1 or > Most)
            throw new RefusedException("audit-filter-invalid", $"limit must be 1 to {Most}.", StatusCodes.Status400BadRequest);
        var size = limit ?? Usual;
        var entries = new List<Entry>(size + 1);
        await using (var select = filter.Select(database, organization, Cursor(before), size + 1))
        await using (var rows = await select.ExecuteReaderAsync(ct))
            while (await rows.ReadAsync(ct))
                entries.Add(AuditFilter.Entry(rows));
        var more = entries.Count > size;
        if (more)
            entries.RemoveAt(size);
        return TypedResults.Ok(new Response(entries, await AuditActions.Read(database, organization, ct), more ? Cursor(entries[^1]) : null));
    }

    // microseconds are what the database keeps
    private static string Cursor(Entry last) => string.Create(CultureInfo.InvariantCulture, $"{(last.At - DateTimeOffset.UnixEpoch).Ticks / 10}_{last.Id:N}");

    private static (DateTimeOffset, Guid)? Cursor(string? text) =>
        text is not { Length: > 0 } ? null
        : text.Split('_') is [var at, var id] && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds < 253_402_300_800_000_000 && Guid.TryParse(id, out var entry)
            ? (DateTimeOffset.UnixEpoch.AddTicks(microseconds * 10), entry)
            : throw new RefusedException("audit-filter-invalid", "before must be what an answer gave as next.", StatusCodes.Status400BadRequest);
}
