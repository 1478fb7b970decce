using System.Text.Json.Serialization;
using Causality.Contracts;
using Causality.Http;
using Causality.Ingest.Apps;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Ingest.ApiKeys;

/// <summary>POST /api/admin/keys: an admin of an app makes a key for it; the answer is the only time it is shown.</summary>
internal static class CreateApiKey
{
    public sealed record Request(string AppId, string Name) : IOfApp;

    public sealed record Response(Guid Id, string AppId, string Name, string Key, string Message);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks()
        {
            RuleFor(r => r.AppId).Must(id => Contracts.AppId.IsValid(id)).WithMessage("must be 1 to 128 of A-Z a-z 0-9 . _ -");
            RuleFor(r => r.Name).NotNull().WithMessage("must be given").MustBeName();
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("", Handle).WithName("create-api-key").WithChecks<Request, Checks>().RequireRole(Role.Admin, In.App);

    private static async Task<Created<Response>> Handle(Request request, Actor actor, HttpContext http, ApiKeyOrders orders, CancellationToken ct)
    {
        var key = await orders.Create(request.AppId, request.Name.Trim(), expiresAt: null, limits: null, actor.Origin(Granted.Of(http).OrganizationId), ct);
        return TypedResults.Created($"/api/admin/keys/{key.Id}",
            new Response(key.Id, key.AppId, key.Name, key.Key, "Keep this key now: it is stored hashed and cannot be shown again."));
    }
}

/// <summary>GET /api/admin/keys?app_id=: the keys of an app, or of every app that one is an admin of. One has no keys to see elsewhere.</summary>
internal static class ListApiKeys
{
    public sealed record Row(
        Guid Id, string AppId, string Name, bool Revoked, DateTimeOffset CreatedAt,
        DateTimeOffset? RevokedAt = null);

    public sealed record Response(IReadOnlyList<Row> Keys, int Count);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("", Handle).WithName("list-api-keys").RequireRole(Role.Admin, In.Anywhere);

    private static async Task<Ok<Response>> Handle(string? app_id, Actor actor, IAccess access, ApiKeyStore keys, CancellationToken ct)
    {
        var standing = await access.Of(actor, fresh: true, ct);
        var apps = standing?.Apps.Where(app => app.Value.Role == Role.Admin && (string.IsNullOrEmpty(app_id) || app.Key == app_id)).Select(app => app.Key);
        var listed = await keys.List(apps ?? [], ct);
        return TypedResults.Ok(new Response([.. listed.Select(k => new Row(k.Id, k.AppId, k.Name, k.RevokedAt is not null, k.CreatedAt, k.RevokedAt))], listed.Count));
    }
}

/// <summary>DELETE /api/admin/keys/{id}: revokes a key; every host refuses it within 5 seconds. Revoking twice is not an error.</summary>
internal static class RevokeApiKey
{
    public sealed record Response(string Status, Guid Id);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{id:guid}", Handle).WithName("revoke-api-key").RequireRole(Role.Admin, In.Anywhere).ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Ok<Response>> Handle(Guid id, Actor actor, IAccess access, ApiKeyOrders orders, CancellationToken ct)
    {
        var standing = await access.Of(actor, fresh: true, ct);
        if (await orders.AppOf(id, ct) is not { } app || standing?.Apps.GetValueOrDefault(app) is not { Role: Role.Admin } own)
            throw new RefusedException("api-key-missing", "There is no such API key.", StatusCodes.Status404NotFound);
        await orders.Revoke(app, id, actor.Origin(own.OrganizationId), ct);
        return TypedResults.Ok(new Response("revoked", id));
    }
}
