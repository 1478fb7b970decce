using Causality.EventStore.Streams;

namespace Causality.Integration.Tests.EventStore;

internal sealed record Counted(string What, int By);

internal sealed record Cleared;

/// <summary>The smallest aggregate that can decide: it cannot be cleared twice.</summary>
internal sealed record Tally(int Total, IReadOnlyList<string> What) : IAggregate<Tally>
{
    public static Tally Initial { get; } = new(0, []);

    public static StreamId Stream(string name) => new("tally", name);

    public static void Facts(FactTypes types) => types.Add<Counted>("tally-counted").Add<Cleared>("tally-cleared");

    public IReadOnlyList<object> Clear() => Total == 0 ? [] : [new Cleared()];

    public Tally Apply(object fact) => fact switch
    {
        Counted e => new Tally(Total + e.By, [.. What, e.What]),
        Cleared => this with { Total = 0 },
        _ => this,
    };
}
