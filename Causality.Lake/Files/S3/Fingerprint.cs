using System.Security.Cryptography;

namespace Causality.Lake.Files.S3;

/// <summary>What a store must say of a file that it took whole: its length, and the ETag that follows from the MD5 of its parts.</summary>
internal sealed record Fingerprint(long Length, string Md5, IReadOnlyList<byte[]> Parts)
{
#pragma warning disable CA5351 // Content-MD5 and ETag are MD5: it is against accidents, not against an adversary
    /// <summary>Of one part: its MD5. Of several: the MD5 of theirs, and their number.</summary>
    public string ETag => Parts is [var only] ? Hex(only) : $"{Hex(MD5.HashData([.. Parts.SelectMany(p => p)]))}-{Parts.Count}";

    /// <summary>The MD5 of a file as a whole.</summary>
    public static async Task<string> Md5Of(string file, CancellationToken ct)
    {
        await using var stream = File.OpenRead(file);
        return Hex(await MD5.HashDataAsync(stream, ct));
    }

    public static async Task<Fingerprint> Of(string file, int partBytes, CancellationToken ct)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        using var part = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var parts = new List<byte[]>();
        var buffer = new byte[128 * 1024];
        var (length, left) = (0L, partBytes);
        while (await stream.ReadAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), ct) is > 0 and var read)
        {
            whole.AppendData(buffer, 0, read);
            part.AppendData(buffer, 0, read);
            (length, left) = (length + read, left - read);
            if (left > 0)
                continue;
            parts.Add(part.GetHashAndReset());
            left = partBytes;
        }
        if (left < partBytes || parts.Count == 0)
            parts.Add(part.GetHashAndReset());
        return new Fingerprint(length, Hex(whole.GetHashAndReset()), parts);
    }
#pragma warning restore CA5351

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);
}
