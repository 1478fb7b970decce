using Causality.Benchmarks.Faults;

namespace Causality.Integration.Tests.Faults;

/// <summary>Several faults on one site, each when the product has answered again after the one before: what one of them has left is there for the next.</summary>
internal sealed class InTurn(params Fault[] faults) : Fault
{
    public override string Name => string.Join(", then ", faults.Select(fault => fault.Name));

    public override string Sentence => "One fault after the other.";

    public override int Hosts => faults.Max(fault => fault.Hosts);

    public override IReadOnlyDictionary<string, string> Environment(Site site) => faults.SelectMany(fault => fault.Environment(site)).ToDictionary();

    public override async Task Prepare(Site site, CancellationToken ct)
    {
        foreach (var fault in faults)
            await fault.Prepare(site, ct);
    }

    public override async Task Happen(Site site, CancellationToken ct)
    {
        foreach (var fault in faults)
        {
            await fault.Happen(site, ct);
            site.Over();
            if (!await Site.Until(() => Task.FromResult(site.Journal.FirstSuccessAfter(site.OverAt!.Value) is not null), Patience, ct))
                throw new TimeoutException($"After {fault.Name} no request was answered 200 within {Patience.TotalSeconds:0} s.");
        }
    }
}
