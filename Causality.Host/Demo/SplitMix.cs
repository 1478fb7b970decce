namespace Causality.Host.Demo;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014). The runtime promises no fixed sequence for its own generator; this one is the same on every
/// version and machine, so that a seed names one history.
/// </summary>
internal sealed class SplitMix(ulong seed)
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;
    private ulong _state = seed;

    public ulong Next() => Mix(_state += Gamma);

    /// <summary>Uniform in [0, 1).</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => Unit() < probability;

    /// <summary>Uniform in [0, <paramref name="bound"/>).</summary>
    public int Below(int bound) => (int)(Unit() * bound);

    public double Exponential(double mean) => -mean * Math.Log(1 - Unit());

    public T Pick<T>(T[] from) => from[Below(from.Length)];

    /// <summary>One seed out of several numbers.</summary>
    public static ulong Seed(params ReadOnlySpan<ulong> numbers)
    {
        var seed = Gamma;
        foreach (var number in numbers)
            seed = Mix(seed + Gamma + number);
        return seed;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

/// <summary>Things to choose from, each with its share of the choices.</summary>
internal sealed class Weighted<T>
{
    private readonly T[] _items;
    private readonly double[] _upTo;

    public Weighted(params IReadOnlyList<(T Item, double Weight)> choices)
    {
        _items = [.. choices.Select(c => c.Item)];
        _upTo = new double[choices.Count];
        var sum = 0.0;
        for (var i = 0; i < _upTo.Length; i++)
            _upTo[i] = sum += choices[i].Weight;
    }

    public T Pick(SplitMix chance)
    {
        var found = Array.BinarySearch(_upTo, chance.Unit() * _upTo[^1]);
        return _items[Math.Min(found < 0 ? ~found : found + 1, _items.Length - 1)];
    }
}
