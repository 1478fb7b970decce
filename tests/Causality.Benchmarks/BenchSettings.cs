using System.Globalization;

namespace Causality.Benchmarks;

/// <summary>Where the servers and the host under measurement are; <c>./causality bench</c> sets the variables.</summary>
/// <param name="Quick">A tenth of the time and of the events: to see that the program works, not to compare figures.</param>
internal sealed record BenchSettings(string Postgres, Uri RabbitMq, string RabbitMqCtl, string PgBench, string HostDll, string Folder, bool Quick, IReadOnlyList<(string Name, int Pid)> Servers)
{
    public static BenchSettings Read(bool quick)
    {
        static string Need(string name) =>
            Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : throw new InvalidOperationException($"{name} is not set: run ./causality bench, which sets it.");
        return new BenchSettings(Need("CAUSALITY_TEST_POSTGRES"), new Uri(Need("CAUSALITY_TEST_RABBITMQ")), Need("CAUSALITY_TEST_RABBITMQCTL"), Need("CAUSALITY_PGBENCH"),
            Need("CAUSALITY_HOST"),
            Environment.GetEnvironmentVariable("CAUSALITY_BENCH_DATA") is { Length: > 0 } folder ? folder : Path.GetTempPath(), quick,
            [("PostgreSQL", Pid("CAUSALITY_POSTGRES_PID")), ("RabbitMQ", Pid("CAUSALITY_RABBITMQ_PID"))]);

        static int Pid(string name) => int.Parse(Need(name), CultureInfo.InvariantCulture);
    }

    public TimeSpan Warm => TimeSpan.FromSeconds(Quick ? 1 : 5);

    /// <summary>The host is a far larger program than any calibrator: its just-in-time compiler takes a part of two cores for the first ten seconds or so of full load.</summary>
    public TimeSpan WarmHost => Warm * 4;

    public TimeSpan Measure => TimeSpan.FromSeconds(Quick ? 2 : 12);
}
