using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Logging;

namespace Causality.Lake.Files.S3;

/// <summary>
/// Objects in a bucket. Files are staged in a folder of this process and uploaded by <see cref="Seal"/>, which fails unless the store
/// proves that it has all of them; who wants to try again stages again. What is read comes through a cache on the local disk, which
/// knows what was written here already. Failures are <see cref="ObjectStoreException"/>.
/// </summary>
public sealed class S3ObjectStore : IObjectStore, IDisposable
{
    private const int Page = 1_000;   // of listings, and of deletions at once, by the protocol
    private static readonly TimeSpan ProbeLife = TimeSpan.FromSeconds(5);

    private readonly S3Options _options;
    private readonly TimeProvider _clock;
    private readonly S3Requests _requests;
    private readonly S3Transfer _transfer;
    private readonly ProcessFolder _folder;
    private readonly ObjectCache _cache;
    private readonly string _staging, _probe;
    private long _probedAt;

    public S3ObjectStore(S3Options options, string folder, TimeProvider clock, ILogger<S3ObjectStore> log)
    {
        (_options, _clock) = (options, clock);
        _requests = new S3Requests(options, log);
        _transfer = new S3Transfer(_requests, options);
        _folder = ProcessFolder.Take(Path.GetFullPath(folder));
        _staging = _folder.Empty("staging");
        _cache = new ObjectCache(Path.Combine(_folder.Path, "objects"), _folder.Empty("incoming"), options.CacheBytes, options.Parallel, (path, file, ct) => _transfer.Get(Key(path), file, ct));
        _probe = Key($".probe-{Guid.CreateVersion7():N}");
    }

    public string Stage(string prefix)
    {
        var folder = Path.Combine(_staging, prefix);
        Drop(folder);
        Directory.CreateDirectory(folder);
        return folder;
    }

    public async Task Seal(IReadOnlyCollection<string> paths, CancellationToken ct)
    {
        try
        {
            // large files one by one, since their parts go side by side
            var (large, small) = (paths.Where(IsLarge).ToList(), paths.Where(p => !IsLarge(p)));
            foreach (var path in large)
                await _transfer.Put(Staged(path), Key(path), ct);
            await _requests.Each(small, (path, stop) => _transfer.Put(Staged(path), Key(path), stop), ct);
            foreach (var path in paths)
                _cache.Keep(path, Staged(path));
        }
        finally
        {
            foreach (var path in paths)
                File.Delete(Staged(path));
        }
    }

    /// <summary>Copies within the store; of at most 5 GB each, by the protocol.</summary>
    public Task Copy(IReadOnlyCollection<(string From, string To)> names, CancellationToken ct) => _requests.Each(names, async (name, stop) =>
    {
        try
        {
            await _requests.Send($"copy {Key(name.From)} to {Key(name.To)}", (s3, attempt) => s3.CopyObjectAsync(_options.Bucket, Key(name.From), _options.Bucket, Key(name.To), attempt), stop);
        }
        catch (ObjectStoreException gone) when (gone.Status == HttpStatusCode.NotFound)
        {
            // copied before, and the first name given up since? Then it has the second
            await _requests.Send($"copy {Key(name.From)}, which is gone, nor show {Key(name.To)}", (s3, attempt) => s3.GetObjectMetadataAsync(_options.Bucket, Key(name.To), attempt), stop);
        }
        _cache.Alias(name.From, name.To);
    }, ct);

    public async Task Delete(IReadOnlyCollection<string> paths, CancellationToken ct)
    {
        var gone = paths.ToHashSet();
        _cache.Forget(gone.Contains);
        foreach (var page in paths.Select(Key).Chunk(Page))
            await DeletePage(page, ct);
    }

    public async Task DeleteAll(string prefix, CancellationToken ct)
    {
        Drop(Path.Combine(_staging, prefix));
        _cache.Forget(path => path.StartsWith($"{prefix}/", StringComparison.Ordinal));
        await foreach (var page in Pages(prefix, delimiter: null, ct))
            if (page.S3Objects is { Count: > 0 } objects)
                await DeletePage([.. objects.Select(o => o.Key)], ct);
    }

    /// <summary>What is staged here counts too, so that what a flush left is found.</summary>
    public async Task<IReadOnlyList<string>> List(string prefix, CancellationToken ct)
    {
        var names = Directory.Exists(Path.Combine(_staging, prefix)) ? Directory.EnumerateFileSystemEntries(Path.Combine(_staging, prefix)).Select(e => Path.GetFileName(e)).ToHashSet() : [];
        await foreach (var page in Pages(prefix, "/", ct))
            names.UnionWith([.. (page.CommonPrefixes ?? []).Select(LastName), .. (page.S3Objects ?? []).Select(o => LastName(o.Key))]);
        return [.. names.Order(StringComparer.Ordinal)];
    }

    public Task<ReadableFiles> Open(IReadOnlyCollection<string> paths, CancellationToken ct) => _cache.Open(paths, ct);

    /// <summary>Writes and deletes a small object; what was found well a moment ago is not asked again.</summary>
    public async Task Check(CancellationToken ct)
    {
        if (_probedAt != 0 && _clock.GetElapsedTime(_probedAt) < ProbeLife)
            return;
        await _requests.SendOnce($"take {_probe}", (s3, stop) => s3.PutObjectAsync(new PutObjectRequest { BucketName = _options.Bucket, Key = _probe, ContentBody = "?" }, stop), ct);
        await _requests.SendOnce($"delete {_probe}", (s3, stop) => s3.DeleteObjectAsync(_options.Bucket, _probe, stop), ct);
        _probedAt = _clock.GetTimestamp();
    }

    /// <summary>Makes sure of the bucket: makes it where the settings say so, and throws when there is none, or none for us.</summary>
    internal async Task RequireBucket(CancellationToken ct)
    {
        try
        {
            await _requests.Send($"list {_options.Bucket}", (s3, stop) => s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = Key(""), MaxKeys = 1 }, stop), ct);
        }
        catch (ObjectStoreException missing) when (missing.Code == "NoSuchBucket" && _options.CreateBucket)
        {
            try
            {
                await _requests.Send($"make the bucket {_options.Bucket}", (s3, stop) => s3.PutBucketAsync(_options.Bucket, stop), ct);
            }
            catch (ObjectStoreException made) when (made.Code == "BucketAlreadyOwnedByYou")
            {
                // another host was first
            }
        }
    }

    /// <summary>Ends multipart uploads that began longer ago than this and were never completed: nobody sees them, but they are paid for. Answers how many.</summary>
    internal async Task<int> AbortUploads(TimeSpan age, CancellationToken ct)
    {
        var aborted = 0;
        ListMultipartUploadsResponse? page = null;
        do
        {
            var (key, id) = (page?.NextKeyMarker, page?.NextUploadIdMarker);
            page = await _requests.Send("list unfinished uploads", (s3, stop) => s3.ListMultipartUploadsAsync(
                new ListMultipartUploadsRequest { BucketName = _options.Bucket, Prefix = Key(""), KeyMarker = key, UploadIdMarker = id }, stop), ct);
            foreach (var upload in (page.MultipartUploads ?? []).Where(u => _clock.GetUtcNow() - u.Initiated > age))
            {
                await _requests.Send($"abort {upload.Key}", (s3, stop) => s3.AbortMultipartUploadAsync(_options.Bucket, upload.Key, upload.UploadId, stop), ct);
                aborted++;
            }
        }
        while (page.IsTruncated is true);
        return aborted;
    }

    public void Dispose()
    {
        _requests.Dispose();
        _folder.Dispose();
    }

    private string Key(string path) => _options.Prefix.Length == 0 ? path : $"{_options.Prefix}/{path}";

    private string Staged(string path) => Path.Combine(_staging, path);

    private bool IsLarge(string path) => new FileInfo(Staged(path)).Length > _options.PartBytes;

    private static string LastName(string key) => key.TrimEnd('/') is var name ? name[(name.LastIndexOf('/') + 1)..] : key;

    private static void Drop(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private async IAsyncEnumerable<ListObjectsV2Response> Pages(string prefix, string? delimiter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        for (string? next = null; ;)
        {
            var page = await _requests.Send($"list {Key(prefix)}/", (s3, stop) => s3.ListObjectsV2Async(
                new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = $"{Key(prefix)}/", Delimiter = delimiter, ContinuationToken = next, MaxKeys = Page }, stop), ct);
            yield return page;
            if (page.IsTruncated is not true)
                yield break;
            next = page.NextContinuationToken;
        }
    }

    private async Task DeletePage(string[] keys, CancellationToken ct)
    {
        try
        {
            await _requests.Send($"delete {keys.Length} objects", (s3, stop) => s3.DeleteObjectsAsync(
                new DeleteObjectsRequest { BucketName = _options.Bucket, Quiet = true, Objects = [.. keys.Select(k => new KeyVersion { Key = k })] }, stop), ct);
        }
        catch (ObjectStoreException refused) when (refused.InnerException is DeleteObjectsException { Response.DeleteErrors: [var first, ..] errors })
        {
            throw new ObjectStoreException($"The object store does not delete {errors.Count} of {keys.Length} objects, {first.Key} among them: {first.Code} {first.Message}.", refused.Status, first.Code, refused);
        }
        catch (ObjectStoreException refused) when (refused.Status is HttpStatusCode.NotImplemented or HttpStatusCode.MethodNotAllowed || refused.Code is "MissingContentMD5" or "NotImplemented")
        {
            // not every store deletes many at once, or by the checksum that this client sends
            await _requests.Each(keys, (key, stop) => _requests.Send($"delete {key}", (s3, attempt) => s3.DeleteObjectAsync(_options.Bucket, key, attempt), stop), ct);
        }
    }
}
