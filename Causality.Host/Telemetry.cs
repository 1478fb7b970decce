using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Causality.Host;

/// <summary>
/// Metrics at <c>/metrics</c>; metrics and traces by OTLP where <c>CAUSALITY_OTLP</c> says. The built-in meters and sources of
/// ASP.NET, the runtime, Npgsql and MassTransit are the instrumentation.
/// </summary>
internal static class Telemetry
{
    private static readonly string[] Meters = ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", "Npgsql", "MassTransit", "Causality.*"];
    private static readonly string[] Sources = ["Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "MassTransit", "Causality.*"];

    public static void AddTelemetry(this IServiceCollection services, Uri? otlp)
    {
        var resource = ResourceBuilder.CreateDefault().AddService("causality");
        services.AddSingleton<PrometheusText>();
        services.AddSingleton(s =>
        {
            var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Meters).AddReader(s.GetRequiredService<PrometheusText>().Reader);
            return (otlp is null ? metrics : metrics.AddOtlpExporter(o => o.Endpoint = otlp)).Build();
        });
        if (otlp is not null)   // without somebody to send them to, spans would be made for nothing
            services.AddSingleton(_ => Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Sources).AddOtlpExporter(o => o.Endpoint = otlp).Build());
        services.AddHostedService<Providers>();
    }

    /// <summary>Providers listen from when they are made until they are disposed of with the container.</summary>
    private sealed class Providers(IServiceProvider services) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            services.GetService<MeterProvider>();
            services.GetService<TracerProvider>();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
