using Causality.Host.Hosts;
using Causality.Ingest;
using Causality.Query;
using Causality.Sink;
using Causality.Web;
using MassTransit;

namespace Causality.Host;

/// <summary>What a host can be. One machine runs all of them in one process; a cluster runs the same program with one each.</summary>
internal sealed record Role(string Name, Action<WebApplicationBuilder> Services, Action<WebApplication, HostSettings>? Routes = null,
    Action<IRegistrationConfigurator>? AddConsumers = null, Action<IRabbitMqBusFactoryConfigurator, IBusRegistrationContext>? AddEndpoints = null, bool ServesApp = false)
{
    /// <summary>The system on one screen.</summary>
    public static IReadOnlyList<Role> All { get; } =
    [
        new("gateway", b => b.AddIngest(), (app, settings) => { app.MapIngest(); app.MapAccounts(); app.MapApp(settings.App); }, ServesApp: true),
        new("sink", b => b.AddSink().Services.AddQueueDepth(), AddConsumers: bus => bus.AddSinkConsumers(), AddEndpoints: Bus.SinkEndpoints),
        new("query", b => b.AddQuery(), (app, _) => app.MapQuery()),
        new("scheduler", b => b.AddScheduler(), (app, _) => { app.MapOperations(); app.MapHosts(); }),
    ];

    /// <summary>Hosted services stop in reverse order: who consumes stops after the bus, who publishes before it.</summary>
    public bool Consumes => AddEndpoints is not null;

    public void Consumers(IRegistrationConfigurator bus) => AddConsumers?.Invoke(bus);

    public void Endpoints(IRabbitMqBusFactoryConfigurator rabbit, IBusRegistrationContext context) => AddEndpoints?.Invoke(rabbit, context);

    /// <summary>The roles that <c>--role</c> names, comma-separated; <c>all</c> for every one.</summary>
    public static IReadOnlyList<Role> Parse(string names)
    {
        var wanted = names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var unknown = wanted.Where(n => n != "all" && All.All(r => r.Name != n)).ToList();
        if (wanted.Length == 0 || unknown.Count > 0)
            throw new SettingsException($"--role takes all, or some of {string.Join(", ", All.Select(r => r.Name))}; '{string.Join(", ", unknown)}' is none of them.");
        return wanted.Contains("all") ? All : [.. All.Where(r => wanted.Contains(r.Name))];
    }
}
