using Causality.Contracts;
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
            SuppressDiagnosticsCallback = context => context.Exception is RefusedException or BadHttpRequestException,
        }).UseStatusCodePages();

    private sealed class RefusalHandler(IProblemDetailsService problems) : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
        {
            (string Code, int Status)? refusal = exception switch
            {
                RefusedException refused => (refused.Code, refused.Status),
                BadHttpRequestException bad => ("bad-request", bad.StatusCode),
                _ => null,
            };
            if (refusal is not var (code, status))
                return false;
            httpContext.Response.StatusCode = status;
            var problem = new ProblemDetails
            {
                Status = status,
                Title = ReasonPhrases.GetReasonPhrase(status),
                Detail = exception.Message,
                Extensions = { ["code"] = code },
            };
            if (!await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem }))
                await httpContext.Response.WriteAsJsonAsync(problem, options: null, "application/problem+json", cancellationToken);
            return true;
        }
    }
}
