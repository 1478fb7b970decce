using Causality.Host;
using Causality.JobsHost;
using Causality.Sink.Jobs;

// The product's scheduler with jobs of its own. Tests start it where a process must die in the midst of a run.
var settings = HostSettings.Read(new ConfigurationBuilder().AddEnvironmentVariables("CAUSALITY_").Build());
await using var app = Serve.Build(settings, Role.Parse("scheduler"), also: services => services.AddSingleton<IMaintenanceJob, LongJob>());
await Serve.Migrate(app.Services);
await app.RunAsync();
