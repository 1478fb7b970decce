using Amazon.S3;
using Amazon.S3.Model;
using Causality.Lake.Files.S3;
using Causality.Testing;

namespace Causality.Benchmarks.Faults;

/// <summary>Where the lake of a check lies, and how somebody outside of the product lists and reads it. <c>--store</c> chooses.</summary>
internal interface ILakeFolder : IAsyncDisposable
{
    /// <summary>Settings by which a host finds it.</summary>
    IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Paths of all objects below a prefix, relative to the lake, as the store lists them.</summary>
    Task<IReadOnlySet<string>> List(string prefix, CancellationToken ct);

    /// <summary>A name under which plain DuckDB can open an object.</summary>
    Task<string> Readable(string path, CancellationToken ct);
}

/// <summary>The folder <c>lake</c> in the hosts' data folder.</summary>
internal sealed class LocalLake(string folder) : ILakeFolder
{
    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>();

    public static Task<ILakeFolder> Open(string data) => Task.FromResult<ILakeFolder>(new LocalLake(Path.Combine(data, "lake")));

    public Task<IReadOnlySet<string>> List(string prefix, CancellationToken ct) => Task.FromResult<IReadOnlySet<string>>(
        Path.Combine(folder, prefix) is var below && Directory.Exists(below)
            ? Directory.EnumerateFiles(below, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f)).ToHashSet() : new HashSet<string>());

    public Task<string> Readable(string path, CancellationToken ct) => Task.FromResult(Path.Combine(folder, path));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>
/// A bucket of its own in an S3-compatible store. Hosts reach it through a proxy that does harm on demand; the checker goes past it, lists by the protocol, and reads copies that it has
/// downloaded itself.
/// </summary>
internal sealed class S3Lake : ILakeFolder
{
    private readonly AmazonS3Client _s3;
    private readonly S3Options _options;
    private readonly string _copies;

    private S3Lake(S3Options options, FaultyProxy way, string copies)
    {
        (_options, Way, _copies) = (options, way, copies);
        _s3 = TestServers.S3Client(options);
        Settings = new Dictionary<string, string>
        {
            ["CAUSALITY_S3__BUCKET"] = options.Bucket,
            ["CAUSALITY_S3__ENDPOINT"] = way.Address.GetLeftPart(UriPartial.Authority),
            ["CAUSALITY_S3__ACCESSKEY"] = options.AccessKey,
            ["CAUSALITY_S3__SECRETKEY"] = options.SecretKey,
            ["CAUSALITY_S3__CREATEBUCKET"] = "true",
        };
    }

    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>What lies between the hosts and the store.</summary>
    public FaultyProxy Way { get; }

    /// <param name="data">The hosts' data folder; its name is the bucket's.</param>
    public static async Task<ILakeFolder> Open(string data)
    {
        var options = TestServers.S3(Path.GetFileName(data).Replace('_', '-'));   // what S3 takes as a name
        return new S3Lake(options, await FaultyProxy.Start(new Uri(options.Endpoint)), Path.Combine(data, "copies"));
    }

    public async Task<IReadOnlySet<string>> List(string prefix, CancellationToken ct)
    {
        var paths = new HashSet<string>();
        await foreach (var found in _s3.Paginators.ListObjectsV2(new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = prefix + "/" }).S3Objects.WithCancellation(ct))
            paths.Add(found.Key);
        return paths;
    }

    public async Task<string> Readable(string path, CancellationToken ct)
    {
        var copy = Path.Combine(_copies, path);
        using var answer = await _s3.GetObjectAsync(_options.Bucket, path, ct);
        await answer.WriteResponseStreamToFileAsync(copy, append: false, ct);
        return copy;
    }

    public async ValueTask DisposeAsync()
    {
        await Way.DisposeAsync();
        _s3.Dispose();
        using var bucket = new Bucket(_options);
        try
        {
            await bucket.Delete();
        }
        catch (AmazonS3Exception none) when (none.ErrorCode == "NoSuchBucket")
        {
            // no host came as far as to make it
        }
    }
}
