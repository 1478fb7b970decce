using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace Causality.Web.Pages;

/// <summary>
/// The React app below <c>/app</c>: hashed assets cached for a year, every other path answered with <c>index.html</c>, which is not
/// cached. The policy lets the page load from its own origin only.
/// </summary>
internal static class AppPage
{
    private const string Policy =
        "default-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>The files themselves; before routing, so that they need neither an endpoint nor a sign-in.</summary>
    public static void UseAppFiles(this IApplicationBuilder app, string? folder)
    {
        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments("/app", StringComparison.Ordinal))
            {
                context.Response.Headers.ContentSecurityPolicy = Policy;
                context.Response.Headers.XContentTypeOptions = "nosniff";
                context.Response.Headers["Referrer-Policy"] = "same-origin";
            }
            return next(context);
        });
        if (folder is not null && Directory.Exists(folder))
            app.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(Path.GetFullPath(folder)), RequestPath = "/app", OnPrepareResponse = Cache });
    }

    /// <summary>Every path of the app that is not a file.</summary>
    public static void Map(IEndpointRouteBuilder routes, string? folder)
    {
        var index = folder is null ? null : Path.Combine(folder, "index.html");
        routes.MapGet("/", () => TypedResults.Redirect("/app/")).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/app/{**path}", (HttpContext context) => Index(context, index)).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task Index(HttpContext context, string? index)
    {
        context.Response.Headers.CacheControl = "no-store";
        // what looks like a file and was not found is not a page
        if (Path.HasExtension(context.Request.Path))
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        else if (index is null || !File.Exists(index))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            await context.Response.WriteAsync("The app has not been built. ./causality up builds it; CAUSALITY_APP names its folder.", context.RequestAborted);
        }
        else
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.SendFileAsync(index, context.RequestAborted);
        }
    }

    private static void Cache(StaticFileResponseContext file) =>
        file.Context.Response.Headers.CacheControl = file.Context.Request.Path.StartsWithSegments("/app/assets", StringComparison.Ordinal)
            ? "public, max-age=31536000, immutable" : "no-store";
}
