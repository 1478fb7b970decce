using System.Buffers.Binary;

namespace Causality.Sink.Deduplication;

/// <summary>Keys as a row of the log holds them: 16 bytes each, sorted.</summary>
internal static class KeyBytes
{
    public const int Size = 16;

    public static byte[] Of(ReadOnlySpan<UInt128> sorted)
    {
        var bytes = new byte[sorted.Length * Size];
        for (var i = 0; i < sorted.Length; i++)
            BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(i * Size), sorted[i]);
        return bytes;
    }

    public static UInt128[] Read(ReadOnlySpan<byte> bytes)
    {
        var keys = new UInt128[bytes.Length / Size];
        for (var i = 0; i < keys.Length; i++)
            keys[i] = BinaryPrimitives.ReadUInt128BigEndian(bytes[(i * Size)..]);
        return keys;
    }

    /// <summary>
    /// Where in a row of so many keys this one is, if it is there: keys are evenly spread, so its place is known but for some standard
    /// deviations, √n/2 at most. Outside of that it is once in ten thousand cases; <see cref="IsBracketed"/> tells.
    /// </summary>
    public static (int At, int Length) Neighborhood(UInt128 key, int keys)
    {
        var about = (int)((UInt128)(ulong)(key >> 64) * (ulong)keys >> 64);
        var around = 8 + (int)(2 * Math.Sqrt(keys));
        var at = Math.Max(0, about - around);
        return (at, Math.Min(keys, about + around + 1) - at);
    }

    /// <summary>Whether a key that is not among these neighbors is not in the row either.</summary>
    public static bool IsBracketed(UInt128 key, UInt128[] neighbors, int at, int keys) =>
        (at == 0 || (neighbors.Length > 0 && neighbors[0] <= key)) && (at + neighbors.Length >= keys || (neighbors.Length > 0 && neighbors[^1] >= key));
}
