using System.Text.Json.Serialization;
using Causality.Contracts;
using Causality.EventStore.Streams;
using Causality.Http;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Ingest.Apps;

/// <summary>
/// PATCH /api/v1/apps/{app_id}: an admin changes settings, as seen at a version. Where others have changed some since, 409 app-changed
/// tells them in <c>changes</c>: <c>[{"field","yours","theirs"}]</c>; whoever asks decides.
/// </summary>
internal static class ChangeApp
{
    /// <param name="Version">The version that the change was decided on.</param>
    /// <param name="Name">As the others: null or absent leaves it.</param>
    /// <param name="AllowedOrigins">All of them; none allows every origin.</param>
    /// <param name="IpPolicy"><c>drop</c>, <c>truncate</c>, <c>hash</c> or <c>keep</c>.</param>
    /// <param name="DeniedProperties">All of them; none stores every property.</param>
    public sealed record Request(
        long Version, string? Name = null, string? TimeZone = null, IReadOnlyList<string>? AllowedOrigins = null, string? IpPolicy = null,
        IReadOnlyList<string>? DeniedProperties = null, bool? Enrichment = null)
    {
        /// <summary>Null keeps events for ever; absent leaves it.</summary>
        public int? RetentionDays
        {
            get;
            init => (field, RetentionIsGiven) = (value, true);
        }

        [JsonIgnore]
        public bool RetentionIsGiven { get; private init; }

        internal AppSettings Applied(AppSettings to) => new(
            Name?.Trim() ?? to.Name,
            TimeZone is { } zone ? SettingRules.Zone(zone)! : to.TimeZone,
            AllowedOrigins?.Select(o => AllowedOrigin.Read(o).Origin!).Distinct().ToArray() ?? to.AllowedOrigins,
            RetentionIsGiven ? RetentionDays : to.RetentionDays,
            IpPolicyNames.Parse(IpPolicy) ?? to.IpPolicy)
        {
            DeniedProperties = DeniedProperties?.Select(name => name.Trim()).Distinct().ToArray() ?? to.DeniedProperties,
            Enrichment = Enrichment ?? to.Enrichment,
        };
    }

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks()
        {
            RuleFor(r => r.Version).GreaterThan(0).WithMessage("must be the version that the app was read at");
            RuleFor(r => r.Name).MustBeName();
            RuleFor(r => r.TimeZone).MustBeTimeZone();
            RuleFor(r => r.AllowedOrigins).MustBeOrigins();
            RuleFor(r => r.RetentionDays).Must(days => days is null or (>= 1 and <= SettingRules.MostRetentionDays))
                .WithMessage($"must be 1 to {SettingRules.MostRetentionDays} days, or null to keep events for ever");
            RuleFor(r => r.DeniedProperties).MustBePropertyNames();
            RuleFor(r => r.IpPolicy).Must(policy => policy is null || IpPolicyNames.Parse(policy) is not null).WithMessage("must be drop, truncate, hash or keep");
        }
    }

    public static RouteHandlerBuilder Map(IEndpointRouteBuilder apps) =>
        apps.MapPatch("/{app_id}", Handle).RequireRole(Role.Admin, In.App).WithChecks<Request, Checks>().ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<Ok<ShowApp.Response>> Handle(string app_id, Request request, Actor actor, HttpContext http, IEventStore store, AppTable table, CancellationToken ct)
    {
        // where somebody was faster the version is now an old one, which the next turn tells
        await OnConflict.Again(async () =>
        {
            var facts = await store.Read(App.Stream(app_id), ct);
            var app = Decide(request, facts);
            await store.Append(App.Stream(app_id), facts.Count, app.Change(request.Applied(app.Settings)), actor.Origin(Granted.Of(http).OrganizationId), ct);
        }, ct);
        return TypedResults.Ok(await ShowApp.Read(app_id, table, ct));
    }

    /// <summary>The app as it is, when nothing that others did since the request's version stands against it.</summary>
    internal static App Decide(Request request, IReadOnlyList<Recorded> facts)
    {
        if (request.Version > facts.Count)
            throw new RefusedException("app-version-unknown", $"The app is at version {facts.Count}; there is no {request.Version} yet. Read it again.", StatusCodes.Status400BadRequest);
        var (seen, now) = (App.Of(facts.Take((int)request.Version)), App.Of(facts));
        return now.Settings.Since(seen.Settings, request.Applied(seen.Settings)) is { Count: > 0 } changes
            ? throw new RefusedException("app-changed", "The app was changed meanwhile. Look at the changes, and decide again on its newest version.") { Details = { ["changes"] = changes, ["version"] = facts.Count } }
            : now;
    }
}
