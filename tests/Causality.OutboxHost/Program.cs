using Causality.Host;
using Causality.OutboxHost;

// The product's host with a module of its own: orders, shipments and tallies. Tests start it where a process must die.
var settings = HostSettings.Read(new ConfigurationBuilder().AddEnvironmentVariables("CAUSALITY_").Build());
await using var app = Serve.Build(settings, [Orders.Role], also: services => services.AddSingleton<Interference>());
await Serve.Migrate(app.Services);
await app.RunAsync();
