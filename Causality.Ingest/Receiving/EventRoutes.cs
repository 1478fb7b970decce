using Causality.Http;
using Causality.Ingest.Capture;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causality.Ingest.Receiving;

/// <summary>
/// The routes that SDKs send to. They are run by routing itself and skip the middleware behind it: no sign-in, no antiforgery, since the
/// API key is all that counts. A preflight comes before the key is known, so it allows every origin and may be remembered for a day;
/// the request itself decides by the app's allowed origins.
/// </summary>
internal static class EventRoutes
{
    private static readonly (string Path, RequestShape Shape)[] Routes =
    [
        ("/v1/events/ingest", RequestShape.Single),
        ("/api/v1/events/ingest", RequestShape.Single),
        ("/v1/events/batch", RequestShape.Batch),
        ("/api/v1/events/batch", RequestShape.Batch),
        ("/api/v1/track", RequestShape.FlatSingle),
        ("/api/v1/track/batch", RequestShape.FlatBatch),
        // Segment's tracking API: its clients are set to <host>/v1
        ("/v1/batch", RequestShape.SegmentBatch),
        ("/v1/b", RequestShape.SegmentBatch),
        ("/v1/track", RequestShape.SegmentTrack),
        ("/v1/t", RequestShape.SegmentTrack),
        ("/v1/identify", RequestShape.SegmentIdentify),
        ("/v1/i", RequestShape.SegmentIdentify),
        ("/v1/page", RequestShape.SegmentPage),
        ("/v1/p", RequestShape.SegmentPage),
        ("/v1/screen", RequestShape.SegmentScreen),
        ("/v1/s", RequestShape.SegmentScreen),
        ("/v1/group", RequestShape.SegmentGroup),
        ("/v1/g", RequestShape.SegmentGroup),
        ("/v1/alias", RequestShape.SegmentAlias),
        ("/v1/a", RequestShape.SegmentAlias),
    ];

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (path, shape) in Routes)
        {
            routes.MapPost(path, http =>
            {
                RequestId.Echo(http);
                Cors.Open(http);
                return http.RequestServices.GetRequiredService<ReceiveEvents>().Handle(http, shape);
            }).AllowAnonymous().ShortCircuit();
            routes.MapMethods(path, [HttpMethods.Options], Preflight).AllowAnonymous().ShortCircuit();
        }
    }

    private static Task Preflight(HttpContext http)
    {
        RequestId.Echo(http);
        Cors.Preflight(http);
        return Task.CompletedTask;
    }
}
