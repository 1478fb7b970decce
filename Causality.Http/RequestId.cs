using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Causality.Http;

/// <summary><c>X-Request-ID</c>: what the client sent comes back, when it is fit for a header and a log line; else one is made.</summary>
public static class RequestId
{
    public const string Header = "X-Request-ID";
    private const int MaxLength = 128;

    public static IApplicationBuilder UseRequestId(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        Echo(context);
        // the exception handler clears the headers before it writes its own answer
        context.Response.OnStarting(() =>
        {
            context.Response.Headers[Header] = context.TraceIdentifier;
            return Task.CompletedTask;
        });
        return next(context);
    });

    /// <summary>Names the request in the answer's header and as its trace identifier. A second call changes nothing.</summary>
    public static void Echo(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Response.Headers.ContainsKey(Header))
            return;
        var sent = context.Request.Headers[Header].ToString();
        var id = Fit(sent) ? sent : Guid.CreateVersion7().ToString();
        context.TraceIdentifier = id;
        context.Response.Headers[Header] = id;
    }

    private static bool Fit(string id) => id.Length is > 0 and <= MaxLength && !id.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
