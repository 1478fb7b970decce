namespace Causality.Benchmarks.Faults.Kinds;

internal sealed class BrokerStopped : Fault
{
    public override string Name => "broker-sigstop";
    public override string Sentence => "SIGSTOP of RabbitMQ: connections stay open and nobody answers.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        site.Afterwards(() => site.RabbitMq.Thaw(CancellationToken.None));
        await site.RabbitMq.Freeze(ct);
        await Task.Delay(site.Settings.Outage, ct);
        site.Over();
        await site.RabbitMq.Thaw(ct);
    }
}

internal sealed class BrokerKilled : Fault
{
    public override string Name => "broker-killed";
    public override string Sentence => "kill -9 of RabbitMQ, then its start.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        site.Afterwards(() => site.RabbitMq.Start(CancellationToken.None));
        await site.RabbitMq.Kill(ct);
        await Task.Delay(site.Settings.Outage, ct);
        await site.RabbitMq.Start(ct);
        site.Over();
    }
}

internal sealed class BrokerRestarted : Fault
{
    public override string Name => "broker-restarted";
    public override string Sentence => "RabbitMQ is told to end, and started again.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        site.Afterwards(() => site.RabbitMq.Start(CancellationToken.None));
        await site.RabbitMq.Stop(ct);
        await site.RabbitMq.Start(ct);
        site.Over();
    }
}

internal sealed class BrokerMemoryAlarm : Fault
{
    public override string Name => "broker-memory-alarm";
    public override string Sentence => "RabbitMQ's memory alarm goes off: it reads nothing more from who publishes.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        Task Calm() => site.RabbitMqCtl(CancellationToken.None, "set_vm_memory_high_watermark", "absolute", "1GB");
        site.Afterwards(Calm);
        await site.RabbitMqCtl(ct, "set_vm_memory_high_watermark", "absolute", "1MB");
        await Task.Delay(site.Settings.Outage, ct);
        site.Over();
        await Calm();
    }
}

internal sealed class BrokerDiskAlarm : Fault
{
    public override string Name => "broker-disk-alarm";
    public override string Sentence => "RabbitMQ's disk alarm goes off: as if its disk had no room left.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        Task Calm() => site.RabbitMqCtl(CancellationToken.None, "set_disk_free_limit", "200MB");
        site.Afterwards(Calm);
        await site.RabbitMqCtl(ct, "set_disk_free_limit", "1000000GB");
        await Task.Delay(site.Settings.Outage, ct);
        site.Over();
        await Calm();
    }
}

internal sealed class BrokerCut : Fault
{
    public override string Name => "broker-cut";
    public override string Sentence => "The network to RabbitMQ ends every connection and refuses new ones.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        site.BrokerWire.Cut();
        await Task.Delay(site.Settings.Outage, ct);
        site.Over();
        site.BrokerWire.Mend();
    }
}

internal sealed class BrokerSilent : Fault
{
    public override string Name => "broker-silent";
    public override string Sentence => "The network to RabbitMQ swallows everything and tells nobody.";

    public override async Task Happen(Site site, CancellationToken ct)
    {
        site.BrokerWire.Silence();
        await Task.Delay(site.Settings.Outage, ct);
        site.Over();
        site.BrokerWire.Mend();
    }
}
