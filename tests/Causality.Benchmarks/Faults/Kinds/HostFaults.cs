namespace Causality.Benchmarks.Faults.Kinds;

internal sealed class Nothing : Fault
{
    public override string Name => "none";
    public override string Sentence => "Nothing goes wrong: what the others are compared with.";

    public override Task Happen(Site site, CancellationToken ct) => Task.Delay(TimeSpan.FromSeconds(3), ct);
}

internal sealed class Killed : Fault
{
    public override string Name => "host-killed";
    public override string Sentence => "kill -9 of the host somewhere under load, then a new process.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        await site.Hosts[0].Kill(ct);
        site.Over();
        await site.Hosts[0].Start(ct);
    }
}

/// <summary>A process that kills itself between two steps, by <c>CAUSALITY_FAILPOINT</c>.</summary>
internal sealed class KilledAt(string step) : Fault
{
    private const int Passage = 3;   // not at the first: what was before must outlive it too
    private static readonly TimeSpan UntilDeath = TimeSpan.FromSeconds(90);

    /// <summary>What makes a host pass the steps of an enumeration, where events alone do not: begun when it runs, ended when it has died.</summary>
    private static readonly Dictionary<string, (Func<Site, CancellationToken, Task> Begin, Action<Site> End)> Provocations = new()
    {
        ["SpoolStep"] = ((site, _) => { site.BrokerWire.Cut(); return Task.CompletedTask; }, site => site.BrokerWire.Mend()),
        ["SwapStep"] = (async (site, ct) =>
        {
            await site.SignIn(ct);
            await site.Hosts[0].Post("/api/v1/operations/jobs/compaction/run", new { }, ct);
        }, _ => { }),
    };

    public override string Name => $"killed-at-{step}";
    public override string Sentence => $"The host kills itself when it passes {step} for the third time, then a new process.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        var host = site.Hosts[0];
        await host.Kill(ct);
        await host.Start(ct, ("CAUSALITY_FAILPOINT", $"{step}:{Passage}"));
        var provoked = Provocations.TryGetValue(step.Split('.')[0], out var provocation);
        if (provoked)
            await provocation.Begin(site, ct);
        var died = await host.Death(UntilDeath, ct);
        if (provoked)
            provocation.End(site);
        if (!died)
            throw new InvalidOperationException($"{step} was not passed three times within {UntilDeath.TotalSeconds:0} s, so nothing is proven.");
        site.Over();
        await host.Start(ct);
    }
}

internal sealed class Terminated : Fault
{
    public override string Name => "host-sigterm";
    public override string Sentence => "SIGTERM under load, then a new process.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        if (await site.Hosts[0].Terminate(ct) is var code && code != 0)
            throw new InvalidOperationException($"After SIGTERM the host ended with {code}.");
        site.Over();
        await site.Hosts[0].Start(ct);
    }
}

internal sealed class HostStopped : Fault
{
    public override string Name => "host-sigstop";
    public override string Sentence => "SIGSTOP of the host for a minute (20 s when quick), then SIGCONT.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        site.Hosts[0].Freeze();
        await Task.Delay(site.Settings.Standstill, ct);
        site.Over();
        site.Hosts[0].Thaw();
    }
}

internal sealed class OneOfTwoKilled : Fault
{
    public override string Name => "one-of-two-killed";
    public override string Sentence => "Two hosts with all roles; one dies by kill -9 and does not come back: the other takes its work over.";
    public override int Hosts => 2;

    public override async Task Happen(Site site, CancellationToken ct)
    {
        await site.Hosts[1].Kill(ct);
        site.Over();
        await Task.Delay(TimeSpan.FromSeconds(3), ct);
    }
}

internal sealed class Everything : Fault
{
    public override string Name => "everything-killed";
    public override string Sentence => "kill -9 of host, RabbitMQ and PostgreSQL within a second, then all of them again.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        site.Afterwards(() => site.Postgres.Start(CancellationToken.None));
        site.Afterwards(() => site.RabbitMq.Start(CancellationToken.None));
        await Task.WhenAll(site.Postgres.Kill(ct), site.RabbitMq.Kill(ct), site.Hosts[0].Kill(ct));
        await Task.WhenAll(site.Postgres.Start(ct), site.RabbitMq.Start(ct));
        site.Over();
        await site.Hosts[0].Start(ct);
    }
}
