using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causality.Sink.DeadLetters;

/// <summary>Dead letters over HTTP: those of an app for its admins, all of them for administrators of the installation.</summary>
internal static class DeadLetterRoutes
{
    /// <summary>What the routes need, and what sends and counts.</summary>
    public static void AddDeadLetters(this IServiceCollection services)
    {
        services.AddSingleton<DeadLetterDepth>();
        services.AddSingleton<DecideLetters>();
        services.AddSingleton<SendReplays>();
        services.AddHostedService(provider => provider.GetRequiredService<SendReplays>());
        services.AddHostedService<WatchDeadLetters>();
    }

    public static void MapDeadLetters(this IEndpointRouteBuilder operations)
    {
        var letters = operations.MapGroup("/dead-letters");
        ShowDeadLetters.Map(letters);
        ListLetters.Map(letters);
        ShowLetter.Map(letters);
        ReplayLetters.Map(letters);
        DiscardLetters.Map(letters);
    }
}
