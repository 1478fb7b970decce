using System.Globalization;
using System.Text;
using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Causality.Web.Audit;

/// <summary>
/// GET /api/v1/organizations/{organization_id}/audit.csv: the same entries as CSV (RFC 4180), one line for each changed field, all of them,
/// as they are read. The export is an entry itself.
/// </summary>
internal static class ExportAudit
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/organizations/{organization_id:guid}/audit.csv", Handle).WithName("export-audit").WithTags("Audit")
            .RequireRole(Role.Admin, In.Organization).Audited("audit-exported").Produces<string>(contentType: "text/csv");

    private static async Task Handle(Guid organization_id, [AsParameters] AuditFilter filter, HttpContext context, NpgsqlDataSource database, CancellationToken ct)
    {
        await using var select = filter.Select(database, organization_id, before: null, limit: null);
        select.CommandTimeout = 0;
        await using var rows = await select.ExecuteReaderAsync(ct);
        context.Response.ContentType = "text/csv; charset=utf-8";
        context.Response.Headers.ContentDisposition = "attachment; filename=\"audit.csv\"";
        await using var text = new StreamWriter(context.Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        await Line(text, "at", "actor", "action", "subject", "field", "old", "new", "address", "request_id");
        while (await rows.ReadAsync(ct))
        {
            var entry = AuditFilter.Entry(rows);
            foreach (var change in entry.Changes.DefaultIfEmpty())
                await Line(text, entry.At.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture), entry.Actor.Email ?? entry.Actor.Id, entry.Action, entry.Subject,
                    change?.Field, change?.Old, change?.New, entry.Address, entry.RequestId);
        }
    }

    private static Task Line(StreamWriter text, params string?[] cells) => text.WriteAsync(string.Join(',', cells.Select(Cell)) + "\r\n");

    // A spreadsheet would run a cell that begins like a formula (OWASP, CSV Injection); an apostrophe makes it text.
    internal static string Cell(string? value)
    {
        if (value is not { Length: > 0 })
            return "";
        if (value[0] is '=' or '+' or '-' or '@' or '\t' or '\r')
            value = "'" + value;
        return value.AsSpan().ContainsAny(",\"\r\n") ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
    }
}
