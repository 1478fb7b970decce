using Causality.Http;
using Causality.Ingest.Apps;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Ingest.ApiKeys;

/// <summary>The state of a key.</summary>
internal enum KeyState
{
    Active,

    /// <summary>Valid, but replaced, or about to end within a week.</summary>
    Expiring,
    Expired,
    Revoked,
}

/// <summary>GET /api/v1/apps/{app_id}/keys: the app's keys, oldest first, with those that have ended.</summary>
internal static class ListAppKeys
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(7);

    /// <param name="Prefix">The key's first characters.</param>
    /// <param name="LastUsedAt">At most a minute behind.</param>
    public sealed record Row(
        Guid Id, string Name, string Prefix, KeyState State, DateTimeOffset CreatedAt, string? CreatedBy = null, DateTimeOffset? ExpiresAt = null, DateTimeOffset? RevokedAt = null,
        DateTimeOffset? LastUsedAt = null, Guid? ReplacedBy = null);

    public static void Map(IEndpointRouteBuilder keys) => keys.MapGet("", Handle).WithName("list-app-keys").RequireRole(Role.Admin, In.App);

    private static async Task<Ok<IReadOnlyList<Row>>> Handle(string app_id, ApiKeyStore keys, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return TypedResults.Ok<IReadOnlyList<Row>>([.. (await keys.List([app_id], ct)).Select(k =>
            new Row(k.Id, k.Name, k.Prefix, State(k, now), k.CreatedAt, k.CreatedBy, k.ExpiresAt, k.RevokedAt, k.LastUsedAt, k.ReplacedBy))]);
    }

    internal static KeyState State(ListedKey key, DateTimeOffset now) => key switch
    {
        { RevokedAt: not null } => KeyState.Revoked,
        { ExpiresAt: { } end } when end <= now => KeyState.Expired,
        { ReplacedBy: not null } => KeyState.Expiring,
        { ExpiresAt: { } end } when end - now <= Soon => KeyState.Expiring,
        _ => KeyState.Active,
    };
}

/// <summary>POST /api/v1/apps/{app_id}/keys: makes a key, for ever or until a time; the answer is the only time it is shown.</summary>
internal static class CreateAppKey
{
    private const int MostYears = 10;

    public sealed record Request(string Name, DateTimeOffset? ExpiresAt = null);

    /// <param name="Key">Shown this once.</param>
    public sealed record Response(Guid Id, string AppId, string Name, string Prefix, string Key, DateTimeOffset? ExpiresAt = null)
    {
        internal static Response Of(CreatedKey key) => new(key.Id, key.AppId, key.Name, key.Prefix, key.Key, key.ExpiresAt);
    }

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks()
        {
            RuleFor(r => r.Name).NotNull().WithMessage("must be given").MustBeName();
            RuleFor(r => r.ExpiresAt).Must(InTheFuture).WithMessage($"must be in the future, within {MostYears} years");
        }

        // the real clock: a key lives by that of the database too
        private static bool InTheFuture(DateTimeOffset? end) =>
            end is null || TimeProvider.System.GetUtcNow() is var now && end > now && end <= now.AddYears(MostYears);
    }

    public static void Map(IEndpointRouteBuilder keys) => keys.MapPost("", Handle).WithName("create-app-key").RequireRole(Role.Admin, In.App).WithChecks<Request, Checks>();

    private static async Task<Created<Response>> Handle(string app_id, Request request, Actor actor, HttpContext http, ApiKeyOrders orders, CancellationToken ct)
    {
        var key = await orders.Create(app_id, request.Name.Trim(), request.ExpiresAt, limits: null, actor.Origin(Granted.Of(http).OrganizationId), ct);
        return TypedResults.Created($"/api/v1/apps/{app_id}/keys/{key.Id}", Response.Of(key));
    }
}

/// <summary>POST /api/v1/apps/{app_id}/keys/{key_id}/rotate: makes a key that takes the place of another, which stays valid for the overlap.</summary>
internal static class RotateAppKey
{
    private const int UsualOverlapHours = 24, MostOverlapHours = 720;

    /// <param name="OverlapHours">For how long both are valid: 0 to 720, 24 without it.</param>
    public sealed record Request(int? OverlapHours = null);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks() => RuleFor(r => r.OverlapHours).InclusiveBetween(0, MostOverlapHours).WithMessage($"must be 0 to {MostOverlapHours} hours");
    }

    public static void Map(IEndpointRouteBuilder keys) =>
        keys.MapPost("/{key_id:guid}/rotate", Handle).WithName("rotate-app-key").RequireRole(Role.Admin, In.App).WithChecks<Request, Checks>().ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<Created<CreateAppKey.Response>> Handle(string app_id, Guid key_id, Request request, Actor actor, HttpContext http, ApiKeyOrders orders, CancellationToken ct)
    {
        var key = await orders.Rotate(app_id, key_id, TimeSpan.FromHours(request.OverlapHours ?? UsualOverlapHours), actor.Origin(Granted.Of(http).OrganizationId), ct);
        return TypedResults.Created($"/api/v1/apps/{app_id}/keys/{key.Id}", CreateAppKey.Response.Of(key));
    }
}

/// <summary>DELETE /api/v1/apps/{app_id}/keys/{key_id}: revokes a key; every host refuses it within 5 seconds. Revoking twice is not an error.</summary>
internal static class RevokeAppKey
{
    public static void Map(IEndpointRouteBuilder keys) => keys.MapDelete("/{key_id:guid}", Handle).WithName("revoke-app-key").RequireRole(Role.Admin, In.App);

    private static async Task<Ok<RevokeApiKey.Response>> Handle(string app_id, Guid key_id, Actor actor, HttpContext http, ApiKeyOrders orders, CancellationToken ct)
    {
        await orders.Revoke(app_id, key_id, actor.Origin(Granted.Of(http).OrganizationId), ct);
        return TypedResults.Ok(new RevokeApiKey.Response("revoked", key_id));
    }
}
