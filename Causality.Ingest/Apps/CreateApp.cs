using Causality.Contracts;
using Causality.EventStore.Streams;
using Causality.Http;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Ingest.Apps;

/// <summary>POST /api/v1/apps: an admin of an organization makes an app. Ids are global, since they become paths in the lake: one that is taken is 409 app-id-taken, whoever has it.</summary>
internal static class CreateApp
{
    /// <param name="TimeZone">UTC without it.</param>
    public sealed record Request(Guid OrganizationId, string Id, string Name, string? TimeZone = null) : IOfOrganization;

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks()
        {
            RuleFor(r => r.Id).Must(id => AppId.IsValid(id)).WithMessage("must be 1 to 128 of A-Z a-z 0-9 . _ -, and not dots alone");
            RuleFor(r => r.Name).NotNull().WithMessage("must be given").MustBeName();
            RuleFor(r => r.TimeZone).MustBeTimeZone();
        }
    }

    public static RouteHandlerBuilder Map(IEndpointRouteBuilder apps) =>
        apps.MapPost("", Handle).RequireRole(Role.Admin, In.Organization).WithChecks<Request, Checks>().ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<Created<ShowApp.Response>> Handle(Request request, Actor actor, IEventStore store, AppTable table, CancellationToken ct)
    {
        var settings = AppSettings.Of(request.Name.Trim(), request.TimeZone is { } zone ? SettingRules.Zone(zone) : null);
        try
        {
            // what is there without a history waits for its adoption, and is no less taken
            if (await table.Find(request.Id, ct) is not null)
                throw Taken(request.Id);
            await store.Append(App.Stream(request.Id), 0, [new AppCreated(request.Id, request.OrganizationId, settings)], actor.Origin(request.OrganizationId), ct);
        }
        catch (StreamConflictException)
        {
            throw Taken(request.Id);
        }
        return TypedResults.Created($"/api/v1/apps/{request.Id}", await ShowApp.Read(request.Id, table, ct));
    }

    private static RefusedException Taken(string id) => new("app-id-taken", $"There is an app \"{id}\" already, here or in another organization. Choose another id.");
}
