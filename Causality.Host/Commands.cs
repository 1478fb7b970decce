using System.Reflection;
using Causality.Contracts;
using Causality.EventStore;
using Causality.EventStore.Schema;
using Causality.Ingest;
using Causality.Ingest.ApiKeys;
using Causality.Lake.Ledger;
using Causality.Sink;
using Causality.Web;
using Npgsql;

namespace Causality.Host;

/// <summary>The commands that are over when they are done.</summary>
internal static class Commands
{
    /// <summary>Whose migrations make the database.</summary>
    public static IReadOnlyList<Assembly> Modules { get; } = [EventStoreModule.Assembly, typeof(LakeReader).Assembly, typeof(SinkModule).Assembly, IngestModule.Assembly, typeof(WebModule).Assembly];

    /// <summary><c>causality migrate [--check]</c></summary>
    public static async Task<int> Migrate(string[] args)
    {
        if (args is not ([] or ["--check"]))
            throw new SettingsException("migrate takes nothing, or --check.");
        await using var database = Database();
        var migrator = new Migrator(database, Modules);
        var migrations = args is [] ? await migrator.Migrate(CancellationToken.None) : await migrator.Check(CancellationToken.None);
        foreach (var migration in migrations)
            Console.WriteLine($"{(args is [] ? "applied" : "pending")} {migration}");
        if (migrations.Count == 0)
            Console.WriteLine("The database is up to date.");
        return args is [] || migrations.Count == 0 ? 0 : 1;
    }

    /// <summary><c>causality keys create --app NAME [--name LABEL]</c>, <c>causality keys new</c></summary>
    public static async Task<int> Keys(string[] args)
    {
        if (args is ["new"])
        {
            Console.WriteLine(ApiKeyStore.NewKey());
            return 0;
        }
        if (args is not (["create", "--app", _] or ["create", "--app", _, "--name", _]))
            throw new SettingsException("keys takes: create --app NAME [--name LABEL], or new, which prints a key that no app has.");
        await using var database = Database();
        var store = new ApiKeyStore(database);
        try
        {
            await store.EnsureApp(args[2], null, null, CancellationToken.None);
            var key = await store.CreateKey(args[2], args.ElementAtOrDefault(4) ?? "command line", null, null, CancellationToken.None);
            Console.WriteLine(key.Key);
            return 0;
        }
        catch (RefusedException refused)
        {
            throw new SettingsException(refused.Message);
        }
    }

    public static int Help(string[] args)
    {
        var asked = args is ["help" or "--help" or "-h"];
        (asked ? Console.Out : Console.Error).WriteLine(
            """
            causality serve [--role all|gateway,sink,query]   the program itself
            causality migrate [--check]                       brings the database up to date, or tells what is pending
            causality keys create --app NAME [--name LABEL]   makes an API key, and the app where it is missing
            causality keys new                                prints a well-formed key for CAUSALITY_API_KEY
            causality demo [--events N] [--days D]            sends a shop's history to a running instance
            causality openapi                                 prints the OpenAPI document

            Settings are environment variables: CAUSALITY_POSTGRES, CAUSALITY_RABBITMQ, CAUSALITY_DATA, CAUSALITY_PORT …
            """);
        return asked ? 0 : 2;
    }

    private static NpgsqlDataSource Database() =>
        NpgsqlDataSource.Create(HostSettings.ReadPostgres(new ConfigurationBuilder().AddEnvironmentVariables("CAUSALITY_").Build()));
}

internal static partial class HostLog
{
    [LoggerMessage(1001, LogLevel.Information, "Applied migration {Migration}")]
    public static partial void Applied(this ILogger log, string migration);
}
