using System.Text.Json.Serialization;
using Causality.Contracts;
using Causality.Http;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Ingest.ApiKeys;

/// <summary>POST /api/admin/keys: an admin makes a key for an app that exists; the answer is the only time it is shown.</summary>
internal static class CreateApiKey
{
    public sealed record Request([property: JsonPropertyName("app_id")] string AppId, [property: JsonPropertyName("name")] string Name) : IOfApp;

    public sealed record Response(
        [property: JsonPropertyName("id")] Guid Id,
        [property: JsonPropertyName("app_id")] string AppId,
        [property: JsonPropertyName("name")] string Name,
        [property: JsonPropertyName("key")] string Key,
        [property: JsonPropertyName("message")] string Message);

    public sealed class Checks : AbstractValidator<Request>
    {
        public Checks()
        {
            RuleFor(r => r.AppId).Must(id => Contracts.AppId.IsValid(id)).WithMessage("must be 1 to 128 of A-Z a-z 0-9 . _ -");
            RuleFor(r => r.Name).NotEmpty().WithMessage("must be given").MaximumLength(80).WithMessage("must not be longer than 80 characters");
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("", Handle).WithName("create-api-key").WithChecks<Request, Checks>().RequireRole(Role.Admin, In.App);

    private static async Task<Created<Response>> Handle(Request request, ApiKeyStore keys, CancellationToken ct)
    {
        var key = await keys.CreateKey(request.AppId, request.Name, eventsPerSecond: null, burst: null, ct);
        return TypedResults.Created($"/api/admin/keys/{key.Id}",
            new Response(key.Id, key.AppId, key.Name, key.Key, "Keep this key now: it is stored hashed and cannot be shown again."));
    }
}

/// <summary>GET /api/admin/keys?app_id=: the keys of an app, or of all.</summary>
internal static class ListApiKeys
{
    public sealed record Row(
        [property: JsonPropertyName("id")] Guid Id,
        [property: JsonPropertyName("app_id")] string AppId,
        [property: JsonPropertyName("name")] string Name,
        [property: JsonPropertyName("revoked")] bool Revoked,
        [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt,
        [property: JsonPropertyName("revoked_at")] DateTimeOffset? RevokedAt);

    public sealed record Response([property: JsonPropertyName("keys")] IReadOnlyList<Row> Keys, [property: JsonPropertyName("count")] int Count);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("", Handle).WithName("list-api-keys").RequireRole(Role.Admin, In.Anywhere);

    private static async Task<Ok<Response>> Handle(string? app_id, ApiKeyStore keys, CancellationToken ct)
    {
        var listed = await keys.List(string.IsNullOrEmpty(app_id) ? null : app_id, ct);
        return TypedResults.Ok(new Response(
            [.. listed.Select(k => new Row(k.Id, k.AppId, k.Name, k.RevokedAt is not null, k.CreatedAt, k.RevokedAt))], listed.Count));
    }
}

/// <summary>DELETE /api/admin/keys/{id}: revokes a key; every host refuses it within 5 seconds. Revoking twice is not an error.</summary>
internal static class RevokeApiKey
{
    public sealed record Response([property: JsonPropertyName("status")] string Status, [property: JsonPropertyName("id")] Guid Id);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/{id:guid}", Handle).WithName("revoke-api-key").RequireRole(Role.Admin, In.Anywhere).ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Ok<Response>> Handle(Guid id, ApiKeyStore keys, CancellationToken ct) =>
        await keys.Revoke(id, ct)
            ? TypedResults.Ok(new Response("revoked", id))
            : throw new RefusedException("api-key-missing", "There is no such API key.", 404);
}

/// <summary>GET /api/v1/apps: the apps that a question can be asked about.</summary>
internal static class ListApps
{
    public sealed record Row([property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("name")] string Name);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/apps", Handle).WithName("list-apps").RequireSignIn();

    private static async Task<Ok<Row[]>> Handle(ApiKeyStore keys, CancellationToken ct) =>
        TypedResults.Ok((await keys.Apps(ct)).Select(app => new Row(app.Id, app.Name)).ToArray());
}
