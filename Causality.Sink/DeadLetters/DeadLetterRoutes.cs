using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Causality.Sink.DeadLetters;

/// <summary>Dead letters over HTTP: those of an app for its admins, all of them for administrators of the installation.</summary>
internal static class DeadLetterRoutes
{
    /// <summary>What the routes need, and what sends and counts; may be called twice.</summary>
    public static void AddDeadLetters(this IServiceCollection services)
    {
        services.TryAddSingleton<DeadLetterDepth>();
        services.TryAddSingleton<DecideLetters>();
        if (services.Any(service => service.ServiceType == typeof(SendReplays)))
            return;
        services.AddSingleton<SendReplays>();
        services.AddHostedService(provider => provider.GetRequiredService<SendReplays>());
        services.AddHostedService<WatchDeadLetters>();
    }

    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        var letters = routes.MapGroup("/api/v1/operations/dead-letters").WithTags("Operations");
        ShowDeadLetters.Map(letters);
        ListLetters.Map(letters);
        ShowLetter.Map(letters);
        ReplayLetters.Map(letters);
        DiscardLetters.Map(letters);
    }
}
