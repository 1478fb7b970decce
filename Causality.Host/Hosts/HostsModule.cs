using Causality.Http.Hosts;

namespace Causality.Host.Hosts;

/// <summary>The processes of this installation: each tells of itself, and any can be asked for all.</summary>
internal static class HostsModule
{
    public static void AddHosts(this IServiceCollection services, IReadOnlyList<Role> roles)
    {
        services.AddSingleton<HostName>();
        services.AddSingleton<IHostStatus, ProcessStatus>();
        services.AddHostedService(s => ActivatorUtilities.CreateInstance<Heartbeat>(s, (object)roles.Select(role => role.Name).ToArray()));
    }

    /// <summary>The broker's queues, looked at by hosts that take from them.</summary>
    public static void AddQueueDepth(this IServiceCollection services)
    {
        services.AddSingleton<QueueDepth>();
        services.AddSingleton<IHostStatus>(s => s.GetRequiredService<QueueDepth>());
        services.AddHostedService(s => s.GetRequiredService<QueueDepth>());
    }

    public static void MapHosts(this IEndpointRouteBuilder routes) => ListHosts.Map(routes.MapGroup("/api/v1/operations").WithTags("Operations"));
}
