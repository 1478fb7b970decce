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
internal sealed class KilledAt(string step, Provocation provocation, string prefix = "") : Fault
{
    private static readonly TimeSpan UntilDeath = TimeSpan.FromSeconds(90);

    public KilledAt(string step)
        : this(step, Provocation.Of(step))
    {
    }

    public override string Name => $"{prefix}killed-at-{step}";
    public override string Sentence => $"The host kills itself at passage {provocation.Passage} of {step}, then a new process.";

    public override IReadOnlyDictionary<string, string> Environment(Site site) => provocation.Environment;

    public override async Task Happen(Site site, CancellationToken ct)
    {
        var host = site.Hosts[0];
        await provocation.Before(site, ct);
        await host.Kill(ct);
        await host.Start(ct, ("CAUSALITY_FAILPOINT", $"{step}:{provocation.Passage}"));
        using var dead = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var driving = Task.Run(() => Drive(site, dead.Token), ct);
        var died = await host.Death(UntilDeath, ct);
        await dead.CancelAsync();
        await driving;
        if (!died)
            throw new InvalidOperationException($"{step} was not passed {provocation.Passage} times within {UntilDeath.TotalSeconds:0} s, so nothing is proven.");
        site.Over();
        await host.Start(ct);
        await provocation.After(site, ct);
    }

    private async Task Drive(Site site, CancellationToken dead)
    {
        try
        {
            await site.SignIn(dead);
            await provocation.Drive(site, dead);
        }
        catch (Exception gone) when (gone is HttpRequestException or OperationCanceledException)
        {
            // it died on its way to being ready
        }
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

internal sealed class OneOfTwoStopped : Fault
{
    public override string Name => "one-of-two-sigstop";
    public override string Sentence => "Two hosts with all roles; one stands still for a minute (20 s when quick) with whatever locks and messages it holds, and goes on.";
    public override int Hosts => 2;

    public override async Task Happen(Site site, CancellationToken ct)
    {
        site.Hosts[1].Freeze();
        await Task.Delay(site.Settings.Standstill, ct);
        site.Over();
        site.Hosts[1].Thaw();
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
