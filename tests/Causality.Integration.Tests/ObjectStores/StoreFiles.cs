using System.Security.Cryptography;
using Causality.Lake.Files;
using Causality.Lake.Files.S3;
using Microsoft.Extensions.Logging.Abstractions;

namespace Causality.Integration.Tests.ObjectStores;

/// <summary>What tests of stores do with files.</summary>
internal static class StoreFiles
{
    public static S3ObjectStore Store(S3Options options, string folder) => new(options, folder, TimeProvider.System, NullLogger<S3ObjectStore>.Instance);

    /// <summary>The same options with another of their values, or with times that suit a test of faults.</summary>
    public static S3Options With(this S3Options options, Action<S3Options> change)
    {
        change(options);
        return options;
    }

    /// <summary>Bytes that no other file of the test has.</summary>
    public static byte[] Some(int count)
    {
        var bytes = new byte[count];
        Random.Shared.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Stages a file and seals it.</summary>
    public static async Task Write(this IObjectStore store, string prefix, string name, byte[] content, CancellationToken ct = default)
    {
        await store.Staged(prefix, name, content);
        await store.Seal([$"{prefix}/{name}"], ct);
    }

    public static async Task Staged(this IObjectStore store, string prefix, string name, byte[] content)
    {
        var file = Path.Combine(store.Stage(prefix), name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, content);
    }

    /// <summary>The digest of what is read.</summary>
    public static async Task<string> Read(this IObjectStore store, string path)
    {
        using var files = await store.Open([path], CancellationToken.None);
        return Digest(await File.ReadAllBytesAsync(files.Names.Single()));
    }

    /// <summary>By which contents of megabytes are compared at once.</summary>
    public static string Digest(byte[] content) => Convert.ToHexString(SHA256.HashData(content));
}
