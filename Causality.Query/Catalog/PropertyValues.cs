using Causality.Contracts;
using Causality.Http;
using Causality.Lake.Ledger;
using Causality.Lake.Properties;
using Causality.Query.Engines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Causality.Query.Catalog;

/// <summary>
/// GET /api/v1/catalog/properties/values?app_id=&amp;property=: the values that a property had in the last days, those of the most events first.
/// Asked of the lake each time: nothing keeps values outside it, so what was erased or has expired is not shown.
/// </summary>
internal static class PropertyValues
{
    private const int MostValues = 100, MostDays = 90, LongestSearch = 1_000;

    /// <param name="From">Of event times.</param>
    /// <param name="To">The same; excluded.</param>
    public sealed record Response(IReadOnlyList<Value> Values, DateTimeOffset From, DateTimeOffset To);

    /// <param name="Text">As a breakdown names it: the text of a string, number or flag; an object or list as JSON.</param>
    public sealed record Value([property: System.Text.Json.Serialization.JsonPropertyName("value")] string Text, long Events);

    /// <param name="Property">Of the top of the payload, by its name.</param>
    /// <param name="EventType">Only of events of this type.</param>
    /// <param name="Search">What values begin with, in any case.</param>
    /// <param name="Limit">1 to 100 values; 25 without a word.</param>
    /// <param name="Days">1 to 90; 7 without a word.</param>
    public sealed record Request([FromQuery(Name = "app_id")] string? AppId, [FromQuery(Name = "property")] string? Property, [FromQuery(Name = "event_type")] string? EventType,
        [FromQuery(Name = "search")] string? Search, [FromQuery(Name = "limit")] int? Limit, [FromQuery(Name = "days")] int? Days);

    public static void Map(IEndpointRouteBuilder properties) =>
        properties.MapGet("/values", Handle).WithName("property-values").RequireRole(Role.Viewer, In.App).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status504GatewayTimeout);

    internal static async Task<Ok<Response>> Handle([AsParameters] Request request, LakeReader lake, DuckDbEngine engine, TimeProvider clock, CancellationToken ct)
    {
        var (app, property) = (AskedApp.Of(request.AppId), PropertyName.Of(request.Property));
        var (limit, days) = (request.Limit ?? 25, request.Days ?? 7);
        if (limit is < 1 or > MostValues)
            throw new RefusedException("limit-invalid", $"limit must be 1 to {MostValues}.", 400);
        if (days is < 1 or > MostDays)
            throw new RefusedException("days-invalid", $"days must be 1 to {MostDays}.", 400);
        if (request.Search is { Length: > LongestSearch })
            throw new RefusedException("search-invalid", $"search must have at most {LongestSearch} characters.", 400);
        var to = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        var from = to.AddDays(-days);
        using var snapshot = await lake.Read(app, from, to, ct);
        if (snapshot.Files.Count == 0)
            return TypedResults.Ok(new Response([], from, to));
        object?[] arguments = [from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds(), request.EventType, request.Search];
        var rows = await engine.Run(
            $"""
            SELECT asked, count(*) AS events
            FROM {PropertySql.Source(snapshot, ["event_type", "timestamp_ms"], [new AskedProperty(property, PropertyForm.Text, "asked")])}
            WHERE timestamp_ms >= $1 AND timestamp_ms < $2 AND ($3::VARCHAR IS NULL OR event_type = $3) AND asked IS NOT NULL AND ($4::VARCHAR IS NULL OR starts_with(lower(asked), lower($4)))
            GROUP BY asked ORDER BY events DESC, asked LIMIT {limit}
            """, arguments, ct);
        return TypedResults.Ok(new Response([.. rows.Rows.Select(r => new Value((string)r[0]!, (long)r[1]!))], from, to));
    }
}
