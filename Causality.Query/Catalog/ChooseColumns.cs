using Causality.Contracts;
using Causality.Http;
using Causality.Lake.Properties;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Query.Catalog;

/// <summary>
/// PUT /api/v1/catalog/properties/columns: an admin of an app says which properties get a column of their own, however seldom they are asked. The
/// list takes the place of the one before; what places it leaves are for those asked most. Files get the columns when they are merged next.
/// </summary>
internal static class ChooseColumns
{
    /// <param name="Properties">Names of properties at the top of the payload, at most 12; none for no choice.</param>
    public sealed record Request(string AppId, IReadOnlyList<string> Properties) : IOfApp;

    /// <param name="Columns">Of the app, the chosen ones first.</param>
    public sealed record Response(IReadOnlyList<PropertyColumn> Columns);

    /// <param name="ColumnType">As the last merge found it; left out before the first, and where values did not fit.</param>
    public sealed record PropertyColumn(string Property, string Column, bool Chosen, string? ColumnType = null);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks()
        {
            RuleFor(r => r.AppId).Must(id => AppId.IsValid(id)).WithMessage("must be the id of an app");
            RuleFor(r => r.Properties).NotNull().WithMessage("must be given; [] chooses none");
            RuleFor(r => r.Properties).Must(p => p is null || p.Distinct().Count() <= HotProperties.Most)
                .WithMessage($"must name at most {HotProperties.Most} properties: each column costs a pass over the payloads whenever files are merged. Leave out those asked least");
            RuleForEach(r => r.Properties).Must(PropertyName.IsValid).WithMessage(PropertyName.Rule);
        }
    }

    public static void Map(IEndpointRouteBuilder properties) =>
        properties.MapPut("/columns", Handle).WithName("choose-columns").WithChecks<Request, Checks>().RequireRole(Role.Admin, In.App);

    internal static async Task<Ok<Response>> Handle(Request request, Actor actor, HttpContext context, HotProperties hot, IAuditTrail audit, CancellationToken ct)
    {
        string[] chosen = [.. request.Properties.Distinct().Order(StringComparer.Ordinal)];
        var before = (await hot.Of(request.AppId, ct)).Where(h => h.Chosen).Select(h => h.Name).Order(StringComparer.Ordinal);
        await audit.Record(new AuditEntry("columns-chosen", $"app/{request.AppId}", Granted.Of(context).OrganizationId, actor.UserId.ToString(), actor.Email, actor.Address, actor.RequestId,
            [new AuditChange("properties", string.Join(", ", before), string.Join(", ", chosen))]), ct);
        await hot.Choose(request.AppId, chosen, ct);
        return TypedResults.Ok(new Response([.. (await hot.Of(request.AppId, ct)).Select(h => new PropertyColumn(h.Name, h.Column, h.Chosen, h.Type))]));
    }
}
