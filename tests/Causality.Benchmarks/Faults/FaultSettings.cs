namespace Causality.Benchmarks.Faults;

/// <summary>What the fault checker works with; <c>./causality bench faults</c> sets the variables.</summary>
/// <param name="Servers">The data folder of PostgreSQL and RabbitMQ, by which they are found, killed and started again.</param>
/// <param name="HostDll">The program under test.</param>
/// <param name="Folder">Where data of hosts may lie while a fault is checked.</param>
/// <param name="Results">Where logs and journal of a fault that was not survived are kept.</param>
/// <param name="Store">What the lake lies in, as <c>--store</c> names it.</param>
/// <param name="Outage">How long a server, a disk or a network is away or stands still.</param>
/// <param name="Standstill">How long a host stands still.</param>
internal sealed record FaultSettings(string Postgres, Uri RabbitMq, string RabbitMqCtl, string Servers, string HostDll, string Folder, string Results, string Store, TimeSpan Outage, TimeSpan Standstill)
{
    public static FaultSettings Read(string store, bool quick)
    {
        static string Need(string name) =>
            Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : throw new InvalidOperationException($"{name} is not set: run ./causality bench faults, which sets it.");
        return new FaultSettings(Need("CAUSALITY_TEST_POSTGRES"), new Uri(Need("CAUSALITY_TEST_RABBITMQ")), Need("CAUSALITY_TEST_RABBITMQCTL"), Need("CAUSALITY_TEST_SERVERS"),
            Need("CAUSALITY_HOST"), Need("CAUSALITY_BENCH_DATA"), Path.Combine(Need("CAUSALITY_BENCH_RESULTS"), "faults"), store,
            TimeSpan.FromSeconds(quick ? 8 : 60), TimeSpan.FromSeconds(quick ? 20 : 60));
    }

    /// <summary>The script that finds, starts and stops the servers.</summary>
    public string TestServer
    {
        get
        {
            for (var folder = new DirectoryInfo(Path.GetDirectoryName(HostDll)!); folder is not null; folder = folder.Parent)
                if (Path.Combine(folder.FullName, "infra", "shell", "test-server") is var script && File.Exists(script))
                    return script;
            throw new InvalidOperationException($"{HostDll} lies in no clone of the repository: infra/shell/test-server is not above it.");
        }
    }
}
