using System.Globalization;
using Causality.EventStore.Outbox;
using Causality.Host;
using Causality.OutboxHost;
using Microsoft.Extensions.DependencyInjection.Extensions;

// The product's host with a module of its own: orders, shipments and tallies. Tests start it where a process must die. DIE_AT names the
// step, and the how manieth passage of it, at which this one kills itself as kill -9 would.
var settings = HostSettings.Read(new ConfigurationBuilder().AddEnvironmentVariables("CAUSALITY_").Build());
await using var app = Serve.Build(settings, [Orders.Role], also: services =>
{
    services.AddSingleton<Interference>();
    if (Environment.GetEnvironmentVariable("CAUSALITY_DIE_AT")?.Split(':') is [var step, var passage])
        services.Replace(ServiceDescriptor.Singleton<IOutboxFailPoint>(new Dying(Enum.Parse<OutboxStep>(step), int.Parse(passage, CultureInfo.InvariantCulture))));
});
await Serve.Migrate(app.Services);
await app.RunAsync();
