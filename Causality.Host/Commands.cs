using System.Reflection;
using Causality.Contracts;
using Causality.EventStore;
using Causality.EventStore.Schema;
using Causality.EventStore.Streams;
using Causality.Ingest;
using Causality.Ingest.ApiKeys;
using Causality.Ingest.Apps;
using Causality.Lake.Ledger;
using Causality.Sink;
using Causality.Web;
using Npgsql;

namespace Causality.Host;

/// <summary>The commands that are over when they are done.</summary>
internal static class Commands
{
    /// <summary>Whose migrations make the database.</summary>
    public static IReadOnlyList<Assembly> Modules { get; } = [EventStoreModule.Assembly, typeof(LakeReader).Assembly, typeof(SinkModule).Assembly, IngestModule.Assembly, typeof(WebModule).Assembly, typeof(Commands).Assembly];

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

    /// <summary><c>causality keys create --app NAME [--organization NAME|ID] [--name LABEL]</c>, <c>causality keys new</c></summary>
    public static async Task<int> Keys(string[] args)
    {
        if (args is ["new"])
        {
            Console.WriteLine(ApiKeyStore.NewKey());
            return 0;
        }
        string? app = null, organization = null, label = null;
        for (var i = 1; i < args.Length; i += 2)
            switch (args[i])
            {
                case "--app" when i + 1 < args.Length: app = args[i + 1]; break;
                case "--organization" when i + 1 < args.Length: organization = args[i + 1]; break;
                case "--name" when i + 1 < args.Length: label = args[i + 1]; break;
                default: app = null; i = args.Length; break;
            }
        if (args is not ["create", ..] || app is null)
            throw new SettingsException("keys takes: create --app NAME [--organization NAME|ID] [--name LABEL], or new, which prints a key that no app has.");
        await using var database = Database();
        await using var services = new ServiceCollection().AddLogging().AddSingleton(database).AddEventStore().AddApiKeys().AddAccounts().BuildServiceProvider();
        try
        {
            Console.WriteLine((await CreateKey(services, app, organization, label ?? "command line", CancellationToken.None)).Key);
            return 0;
        }
        catch (RefusedException refused)
        {
            throw new SettingsException(refused.Message);
        }
    }

    private static async Task<CreatedKey> CreateKey(IServiceProvider services, string app, string? organization, string label, CancellationToken ct)
    {
        var setup = services.GetRequiredService<AppSetup>();
        var (exists, owner) = await setup.Find(app, ct);
        // an app that is there says itself whose it is
        var named = exists && organization is null ? owner : await Organizations.Named(services.GetRequiredService<NpgsqlDataSource>(), organization, ct);
        if (exists && named != owner)
            throw new RefusedException("app-elsewhere", $"The app \"{app}\" belongs to another organization.");
        var origin = new FactOrigin("system:command-line", Tenant: named?.ToString());
        await setup.EnsureApp(app, named, origin, ct);
        return await services.GetRequiredService<ApiKeyOrders>().Create(app, label, expiresAt: null, limits: null, origin, ct);
    }

    /// <summary><c>causality failpoints</c></summary>
    public static int FailPoints()
    {
        foreach (var step in Death.Steps)
            Console.WriteLine(Death.Name(step));
        return 0;
    }

    public static int Help(string[] args)
    {
        var asked = args is ["help" or "--help" or "-h"];
        (asked ? Console.Out : Console.Error).WriteLine(
            """
            causality serve [--role all|gateway,sink,query,scheduler]
                                                              the program itself
            causality migrate [--check]                       brings the database up to date, or tells what is pending
            causality keys create --app NAME [--organization NAME|ID] [--name LABEL]
                                                              makes an API key, and the app where it is missing
            causality keys new                                prints a well-formed key for CAUSALITY_API_KEY
            causality demo [--events N] [--days D]            sends a shop's history to a running instance
            causality openapi                                 prints the OpenAPI document
            causality failpoints                              prints the steps at which CAUSALITY_FAILPOINT can end a process

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
