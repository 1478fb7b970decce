using System.Text.Json;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Causality.Http;

public static class RequestChecks
{
    /// <summary>
    /// Runs <typeparamref name="TChecks"/> on the endpoint's <typeparamref name="TRequest"/> before the handler. What fails is answered with
    /// 400 and every field's errors at once, under the names that the fields have on the wire (<c>app_id</c>).
    /// </summary>
    public static RouteHandlerBuilder WithChecks<TRequest, TChecks>(this RouteHandlerBuilder endpoint)
        where TRequest : class
        where TChecks : AbstractValidator<TRequest>, new()
    {
        var checks = new TChecks();
        return endpoint.AddEndpointFilter(async (context, next) =>
        {
            if (context.Arguments.OfType<TRequest>().FirstOrDefault() is not { } request)
                return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["body"] = ["must be given"] });
            var result = await checks.ValidateAsync(request, context.HttpContext.RequestAborted);
            return result.IsValid ? await next(context) : TypedResults.ValidationProblem(result.Errors
                .GroupBy(e => string.Join('.', e.PropertyName.Split('.').Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)), e => e.ErrorMessage)
                .ToDictionary(errors => errors.Key, errors => errors.ToArray()));
        }).ProducesValidationProblem();
    }
}
