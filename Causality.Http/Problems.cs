using System.Data.Common;
using System.Text.Json;
using Causality.Contracts;
using Causality.EventStore.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace Causality.Http;

/// <summary>
/// The one place that turns what went wrong into an answer, as RFC 9457 ProblemDetails: a <see cref="RefusedException"/> with its status
/// and <c>code</c>, a request that cannot be read with 400. Anything else is a bug: a bare 500, logged once by the middleware.
/// </summary>
public static class Problems
{
    public static IServiceCollection AddProblems(this IServiceCollection services) =>
        services.AddProblemDetails().AddExceptionHandler<RefusalHandler>();

    public static IApplicationBuilder UseProblems(this IApplicationBuilder app) =>
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            // a refusal and an unreadable request are the caller's, not worth an error in the log
            SuppressDiagnosticsCallback = context => context.Exception is RefusedException or BadHttpRequestException or StreamConflictException,
        }).UseStatusCodePages().Use(async (context, next) =>
        {
            await next(context);
            // the framework answers so by itself where a body grows beyond the limit while it is read
            if (context.Response is { StatusCode: StatusCodes.Status413PayloadTooLarge, HasStarted: false, ContentType: null })
                throw new RefusedException("body-too-large", "The body is larger than this route takes.", StatusCodes.Status400BadRequest);
        });

    private sealed class RefusalHandler(IProblemDetailsService problems) : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            (string Code, int Status, string Detail)? refusal = exception switch
            {
                RefusedException refused => (refused.Code, refused.Status, refused.Message),
                StreamConflictException => ("conflict", StatusCodes.Status409Conflict, "Somebody else has just changed this. Load it again, and decide again."),
                BadHttpRequestException { InnerException: JsonException json } => ("bad-request", StatusCodes.Status400BadRequest, Unreadable(json)),
                BadHttpRequestException bad => ("bad-request", bad.StatusCode, bad.Message),
                DbException { IsTransient: true } => ("database-away", StatusCodes.Status503ServiceUnavailable, "The database does not answer at the moment."),
                _ => null,
            };
            if (refusal is not var (code, status, detail))
                return false;
            if (status == StatusCodes.Status503ServiceUnavailable)
                httpContext.Response.Headers.RetryAfter = "2";
            httpContext.Response.StatusCode = status;
            var problem = new ProblemDetails
            {
                Status = status,
                Title = ReasonPhrases.GetReasonPhrase(status),
                Detail = detail,
                Extensions = { ["code"] = code },
            };
            foreach (var (name, value) in (exception as RefusedException)?.Details ?? [])
                problem.Extensions[name] = value;
            if (!await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem }))
                await httpContext.Response.WriteAsJsonAsync(problem, options: null, "application/problem+json", cancellationToken);
            return true;
        }

        // where it is, and what of our own names the reader's words hold
        private static string Unreadable(JsonException json) =>
            json.Path is { Length: > 1 } path ? $"The body cannot be read at {path[2..]}: {(json.InnerException ?? json) switch
            {
                JsonException inner when inner.Message.Contains("missing required", StringComparison.Ordinal) => Missing(inner),
                _ => "the value is not of the kind that belongs there",
            }}." : json.Message.Contains("missing required", StringComparison.Ordinal) ? $"The body lacks {Missing(json)}." : "The body is not valid JSON.";

        private static string Missing(JsonException json) => json.Message[(json.Message.LastIndexOf(':') + 1)..].Trim(' ', '.');
    }
}
