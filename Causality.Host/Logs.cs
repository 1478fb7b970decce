using System.Text.Json;

namespace Causality.Host;

/// <summary>The log goes to standard output: a line of text for people, or a JSON object for who collects it, with the ids of trace and span.</summary>
internal static class Logs
{
    private const string Timestamp = "yyyy-MM-ddTHH:mm:ss.fffZ";

    public static ILoggingBuilder AddLogs(this ILoggingBuilder logging, bool json)
    {
        logging.ClearProviders().AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("MassTransit", LogLevel.Warning).AddFilter("Quartz", LogLevel.Warning);
        return json
            ? logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId)
                .AddJsonConsole(console =>
                {
                    console.TimestampFormat = Timestamp;
                    console.UseUtcTimestamp = true;
                    console.IncludeScopes = true;
                    console.JsonWriterOptions = new JsonWriterOptions { Indented = false };
                })
            : logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = Timestamp + " ";
                console.UseUtcTimestamp = true;
            });
    }
}
