namespace Causality.Benchmarks.Faults;

/// <summary>One thing that goes wrong while events are sent.</summary>
internal abstract class Fault
{
    /// <summary>As <c>--only</c> takes it.</summary>
    public abstract string Name { get; }

    /// <summary>One sentence: what happens.</summary>
    public abstract string Sentence { get; }

    /// <summary>Hosts, each with all roles.</summary>
    public virtual int Hosts => 1;

    /// <summary>Apps that events are sent of.</summary>
    public virtual int Apps => 4;

    /// <summary>How long the product has to answer again, and then to drain.</summary>
    public virtual TimeSpan Patience => TimeSpan.FromMinutes(3);

    /// <summary>Whether a host that ends at its start is started again, until it is ready.</summary>
    public virtual bool Supervised => false;

    /// <summary>Settings of the hosts beyond the usual.</summary>
    public virtual IReadOnlyDictionary<string, string> Environment(Site site) => new Dictionary<string, string>();

    /// <summary>Why it cannot be had on this machine; null when it can.</summary>
    public virtual string? Impossible(FaultSettings settings) => null;

    /// <summary>Before the first host starts.</summary>
    public virtual Task Prepare(Site site, CancellationToken ct) => Task.CompletedTask;

    /// <summary>Begins, lasts and ends under load. Calls <see cref="Site.Over"/> when the trouble ends; else it ends with this.</summary>
    public abstract Task Happen(Site site, CancellationToken ct);
}
