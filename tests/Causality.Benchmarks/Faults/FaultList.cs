using Causality.Benchmarks.Faults.Kinds;

namespace Causality.Benchmarks.Faults;

/// <summary>All faults, in the order in which they are checked. A new one is a class in <c>Kinds</c> and a line here.</summary>
internal static class FaultList
{
    private const int MixedRows = 3;

    /// <param name="seed">Of the first of those that are mixed.</param>
    public static async Task<IReadOnlyList<Fault>> All(FaultSettings settings, int seed, CancellationToken ct) =>
    [
        new Nothing(),
        .. (await Steps(settings, ct)).Select(step => new KilledAt(step)),
        .. Retirements.Select(step => new KilledAt(step, new Retention(), "retention-")),
        new Killed(), new Terminated(), new HostStopped(),
        new BrokerStopped(), new BrokerKilled(), new BrokerRestarted(), new BrokerMemoryAlarm(), new BrokerDiskAlarm(), new BrokerCut(), new BrokerSilent(),
        new PostgresStopped(), new PostgresKilled(), new SessionsEnded(), new AnswersOfCommitsLost(),
        .. StoreFault.All,
        new LakeFull(), new SpoolFull(), new Clock("clock-ahead", "an hour ahead", "+3600"), new Clock("clock-behind", "an hour behind", "-3600"),
        new SameBatchTwice(), new OneOfTwoKilled(), new OneOfTwoStopped(), new TwoCompactors(), new Poison(), new ManyPartitions(), new Everything(),
        .. Enumerable.Range(seed, MixedRows).Select(each => new Mixed(each, settings.Store)),
    ];

    /// <summary>Those that retention passes, beside compaction: it writes no file.</summary>
    private static readonly string[] Retirements = ["SwapStep.InputsChosen", "SwapStep.Written", "SwapStep.Sealed", "SwapStep.Swapped", "SwapStep.Published"];

    /// <summary>
    /// The steps that the program itself names. Those of the outbox are left out: events pass none of them, and the integration tests kill a host
    /// with orders and shipments at each.
    /// </summary>
    private static async Task<IEnumerable<string>> Steps(FaultSettings settings, CancellationToken ct) =>
        (await Tool.Run("dotnet", [settings.HostDll, "failpoints"], ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(step => !step.StartsWith("OutboxStep.", StringComparison.Ordinal));
}
