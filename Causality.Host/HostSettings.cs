using System.Globalization;
using Causality.EventStore;

namespace Causality.Host;

/// <summary>What the host needs to know before anything starts, from the environment. A bad or missing setting stops it and is named.</summary>
/// <param name="Postgres"><c>CAUSALITY_POSTGRES</c>: postgres://user:password@host:port/database, or an Npgsql string.</param>
/// <param name="RabbitMq"><c>CAUSALITY_RABBITMQ</c>: amqp://user:password@host:port/vhost.</param>
/// <param name="Data"><c>CAUSALITY_DATA</c>: the folder below which lake and spool lie, or the cache of a lake in S3.</param>
/// <param name="Port"><c>CAUSALITY_PORT</c>, 8080 unless set.</param>
/// <param name="Bind"><c>CAUSALITY_BIND</c>: the address to listen on, 127.0.0.1 unless set.</param>
/// <param name="App"><c>CAUSALITY_APP</c>: the folder of the built app; without it /app says how to build it.</param>
/// <param name="Otlp"><c>CAUSALITY_OTLP</c>: where traces and metrics are sent by OTLP, such as http://localhost:4317.</param>
/// <param name="ShutdownTimeout"><c>CAUSALITY_SHUTDOWNSECONDS</c>: how long SIGTERM waits for requests and the open flush, 30 unless set.</param>
/// <param name="Url"><c>CAUSALITY_URL</c>: where people and apps reach this installation; without it links begin with the address that a request was sent to.</param>
/// <param name="JsonLogs"><c>CAUSALITY_LOGS</c>: <c>json</c> for a JSON object in each line, with the ids of trace and span; <c>text</c> unless set.</param>
/// <param name="Death"><c>CAUSALITY_FAILPOINT</c>: the step at which this process kills itself, for tests; never unless set.</param>
internal sealed record HostSettings(string Postgres, Uri RabbitMq, string Data, int Port, string Bind, string? App, Uri? Otlp, TimeSpan ShutdownTimeout, Uri? Url = null, Death? Death = null, bool JsonLogs = false)
{
    public string Spool => Path.Combine(Data, "spool");

    /// <summary><see cref="RabbitMq"/> for the protocol's own client: the setting may speak MassTransit's names of the scheme too.</summary>
    public Uri Amqp => new UriBuilder(RabbitMq) { Scheme = RabbitMq.Scheme.Replace("rabbitmq", "amqp", StringComparison.Ordinal), Port = RabbitMq.Port }.Uri;

    public static HostSettings Read(IConfiguration configuration)
    {
        var problems = new List<string>();
        string Text(string name, string? otherwise = null)
        {
            if (configuration[name] is { Length: > 0 } value)
                return value;
            if (otherwise is null)
                problems.Add($"CAUSALITY_{name} is not set.");
            return otherwise ?? "";
        }
        int Number(string name, int otherwise, int least, int most)
        {
            if (int.TryParse(Text(name, otherwise.ToString(CultureInfo.InvariantCulture)), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
                return value;
            problems.Add($"CAUSALITY_{name} is '{configuration[name]}'; it must be a number from {least} to {most}.");
            return otherwise;
        }
        Uri? Address(string name, string text, params string[] schemes)
        {
            if (text.Length == 0 || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && schemes.Contains(uri.Scheme)))
                return text.Length == 0 ? null : new Uri(text);
            problems.Add($"CAUSALITY_{name} must begin with {string.Join(" or ", schemes.Select(s => s + "://"))}.");
            return null;
        }

        var postgres = "";
        try
        {
            postgres = ReadPostgres(configuration);
        }
        catch (SettingsException wrong)
        {
            problems.Add(wrong.Message);
        }
        var url = Address("URL", configuration["URL"] ?? "", "http", "https");
        if (url is { PathAndQuery: not "/" } or { Fragment.Length: > 0 })
            problems.Add("CAUSALITY_URL must have no path, such as https://causality.example.com.");
        var logs = Text("LOGS", "text");
        if (logs is not ("text" or "json"))
            problems.Add($"CAUSALITY_LOGS is '{logs}'; it must be text or json.");
        var death = configuration["FAILPOINT"] is { Length: > 0 } point ? Death.Parse(point) : null;
        if (death is null && configuration["FAILPOINT"] is { Length: > 0 } unknown)
            problems.Add($"CAUSALITY_FAILPOINT is '{unknown}'; it must be a step that `causality failpoints` lists, with :n for its n-th passage.");
        var settings = new HostSettings(postgres, Address("RABBITMQ", Text("RABBITMQ"), "amqp", "amqps", "rabbitmq", "rabbitmqs")!, Path.GetFullPath(Text("DATA", ".causality")),
            Number("PORT", 8080, 0, 65_535), Text("BIND", "127.0.0.1"), configuration["APP"], Address("OTLP", configuration["OTLP"] ?? "", "http", "https"),
            TimeSpan.FromSeconds(Number("SHUTDOWNSECONDS", 30, 1, 3_600)), url, death, logs == "json");
        return problems.Count == 0 ? settings : throw new SettingsException(string.Join(Environment.NewLine, problems));
    }

    public static string ReadPostgres(IConfiguration configuration)
    {
        if (configuration["POSTGRES"] is not { Length: > 0 } text)
            throw new SettingsException("CAUSALITY_POSTGRES is not set.");
        try
        {
            return PostgresConnection.Parse(text).ConnectionString;
        }
        catch (FormatException wrong)
        {
            throw new SettingsException($"CAUSALITY_POSTGRES: {wrong.Message}");
        }
    }
}

/// <summary>The program was called or configured wrongly; the message says what to change.</summary>
internal sealed class SettingsException(string message) : Exception(message);
