using Causality.Ingest.Apps;
using Microsoft.AspNetCore.Http;

namespace Causality.Ingest.Receiving;

/// <summary>
/// Who may send from a web page, and read the answer. A browser names the page's origin; whoever else sends needs none. Until the app is known
/// every origin may read the answer, which then is about the key alone.
/// </summary>
internal static class Cors
{
    /// <summary>The words of the refusal; they name the setting.</summary>
    public const string Refusal = "the origin of this page is not among the allowed_origins of its app";

    /// <summary>204, for a day.</summary>
    public static void Preflight(HttpContext http)
    {
        Open(http);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        http.Response.Headers.AccessControlAllowMethods = "POST, OPTIONS";
        http.Response.Headers.AccessControlAllowHeaders = "X-API-Key, Authorization, Content-Type, Content-Encoding, X-Request-ID, Causality-Protocol";
        http.Response.Headers.AccessControlMaxAge = "86400";
    }

    public static void Open(HttpContext http)
    {
        http.Response.Headers.Vary = "Origin";
        http.Response.Headers.AccessControlAllowOrigin = "*";
        http.Response.Headers.AccessControlExposeHeaders = "Retry-After, X-Request-ID";
    }

    /// <summary>False when the page may not send to an app with this list. One that may is named in the answer.</summary>
    public static bool Decide(HttpContext http, IReadOnlyList<string> allowed)
    {
        if (allowed.Count == 0)
            return true;
        var origin = http.Request.Headers.Origin.ToString();
        if (origin.Length == 0 || !AllowedOrigin.Allows(allowed, origin))
        {
            http.Response.Headers.Remove("Access-Control-Allow-Origin");
            return origin.Length == 0;
        }
        http.Response.Headers.AccessControlAllowOrigin = origin;
        return true;
    }
}
