using Amazon.S3;
using Amazon.S3.Model;
using Causality.Lake.Files.S3;

namespace Causality.Testing;

/// <summary>A bucket as anybody with its keys sees it, by the protocol alone.</summary>
public sealed class Bucket(S3Options options) : IDisposable
{
    private readonly AmazonS3Client _s3 = TestServers.S3Client(options);
    private readonly Lock _gate = new();

    /// <summary>Makes a folder hold the bucket's objects as files, and nothing else.</summary>
    public void MirrorTo(string folder)
    {
        lock (_gate)
        {
            var keys = Keys().GetAwaiter().GetResult();
            foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => !keys.Contains(Path.GetRelativePath(folder, f))).ToList())
                Remove(folder, file);
            foreach (var key in keys.Where(k => !File.Exists(Path.Combine(folder, k))))
                Download(key, Path.Combine(folder, key)).GetAwaiter().GetResult();
        }
    }

    /// <summary>Deletes the bucket with all that is in it.</summary>
    public async Task Delete()
    {
        foreach (var page in (await Keys()).Chunk(1_000))
            await _s3.DeleteObjectsAsync(new DeleteObjectsRequest { BucketName = options.Bucket, Objects = [.. page.Select(k => new KeyVersion { Key = k })] });
        await _s3.DeleteBucketAsync(options.Bucket);
    }

    public void Dispose() => _s3.Dispose();

    private async Task<HashSet<string>> Keys()
    {
        var keys = new HashSet<string>();
        try
        {
            await foreach (var found in _s3.Paginators.ListObjectsV2(new ListObjectsV2Request { BucketName = options.Bucket }).S3Objects)
                keys.Add(found.Key);
        }
        catch (AmazonS3Exception none) when (none.ErrorCode == "NoSuchBucket")
        {
            // no host has started yet
        }
        return keys;
    }

    private async Task Download(string key, string file)
    {
        try
        {
            using var answer = await _s3.GetObjectAsync(options.Bucket, key);
            await answer.WriteResponseStreamToFileAsync(file, append: false, CancellationToken.None);
        }
        catch (AmazonS3Exception gone) when (gone.ErrorCode == "NoSuchKey")
        {
            // since it was listed
        }
    }

    private static void Remove(string folder, string file)
    {
        File.Delete(file);
        for (var parent = Path.GetDirectoryName(file)!; parent != folder && !Directory.EnumerateFileSystemEntries(parent).Any(); parent = Path.GetDirectoryName(parent)!)
            Directory.Delete(parent);
    }
}
