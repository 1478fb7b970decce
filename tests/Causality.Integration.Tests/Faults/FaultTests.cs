using Causality.Benchmarks.Faults;
using Causality.Benchmarks.Faults.Kinds;
using Causality.Host;
using Npgsql;
using NUnit.Framework;

namespace Causality.Integration.Tests.Faults;

/// <summary>The short form of <c>./causality bench faults</c>: one fault of each kind that no other test injects, all on one site.</summary>
[TestFixture]
internal sealed class FaultTests
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(3);

    /// <summary>The servers were killed: connections that other fixtures would take from a pool lead nowhere.</summary>
    [TearDown]
    public void Forget_connections() => NpgsqlConnection.ClearAllPools();

    [Test]
    public async Task What_was_accepted_is_stored_once_and_unchanged_whatever_happens()
    {
        var result = await Run(new InTurn(new KilledAt("FlushStep.Committed"), new BrokerKilled(), new PostgresKilled(), new AnswersOfCommitsLost(), new Poison()));

        Assert.That(result.Survived, Is.True, () => Words(result));
    }

    internal static FaultSettings Settings
    {
        get
        {
            static string Need(string name) =>
                Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : throw new InvalidOperationException($"{name} is not set: run ./causality test integration");
            return new FaultSettings(Need("CAUSALITY_TEST_POSTGRES"), new Uri(Need("CAUSALITY_TEST_RABBITMQ")), Need("CAUSALITY_TEST_RABBITMQCTL"), Need("CAUSALITY_TEST_SERVERS"),
                typeof(Serve).Assembly.Location, Directory.CreateTempSubdirectory("causality-faults-").FullName, Path.Combine(TestContext.CurrentContext.WorkDirectory, "faults"), "local", Outage, Outage);
        }
    }

    internal static Task<FaultResult> Run(Fault fault, Func<Site, Task>? drained = null) => new FaultRun(Settings, LocalLake.Open).Run(fault, CancellationToken.None, drained);

    internal static string Words(FaultResult result)
    {
        using var words = new StringWriter();
        new FaultTable(words).Add(result);
        return words.ToString();
    }
}
