using Causality.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Causality.Ingest.Apps;

/// <summary>GET /api/v1/apps/{app_id}/tracking-code: how to send a first event, per stack, with <c>YOUR_API_KEY</c> where the key goes.</summary>
internal static class ShowTrackingCode
{
    /// <param name="Endpoint"><c>CAUSALITY_URL</c> where it is set, else the address that was asked.</param>
    public sealed record Response(string AppId, string Endpoint, IReadOnlyList<Snippet> Snippets);

    public static RouteHandlerBuilder Map(IEndpointRouteBuilder apps) => apps.MapGet("/{app_id}/tracking-code", Handle).RequireRole(Role.Viewer, In.App);

    private static Ok<Response> Handle(string app_id, HttpContext context, PublicAddress address)
    {
        var endpoint = address.Of(context, "/").AbsoluteUri.TrimEnd('/');
        return TypedResults.Ok(new Response(app_id, endpoint, Snippet.All(endpoint)));
    }
}
