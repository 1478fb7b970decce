using System.Globalization;
using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace Causality.Lake.Files.S3;

/// <summary>Files to objects and back. A file is not there before the store has proved that it has all of it; an object is not here before all of it is.</summary>
internal sealed class S3Transfer(S3Requests requests, S3Options options)
{
    private const string Md5 = "md5";

    /// <summary>Writes an object that does not exist. One that does, with this content, was written by an attempt whose answer got lost.</summary>
    public async Task Put(string file, string key, CancellationToken ct)
    {
        var print = await Fingerprint.Of(file, options.PartBytes, ct);
        try
        {
            if (print.Parts.Count == 1)
                await PutWhole(file, key, print, ct);
            else
                await PutParts(file, key, print, ct);
        }
        catch (ObjectStoreException there) when (there.Status == HttpStatusCode.PreconditionFailed)
        {
            // there is an object: which one, is seen below
        }
        await Verify(key, print, ct);
    }

    /// <summary>Reads an object into a new file; answers its length.</summary>
    public async Task<long> Get(string key, string file, CancellationToken ct)
    {
        await using var target = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
        var (total, etag, md5) = (1L, (string?)null, (string?)null);
        for (var from = 0L; from < total; from += options.PartBytes)
            (total, etag, md5) = await requests.Send($"read {key}", (s3, stop) => GetPart(s3, key, etag, target, from, stop), ct);
        await target.DisposeAsync();
        if (md5 is not null && md5 != await Fingerprint.Md5Of(file, ct))
            throw new ObjectStoreException($"What the object store answers for {key} is not what was written.");
        return total;
    }

    private async Task<(long Total, string ETag, string? Md5)> GetPart(IAmazonS3 s3, string key, string? etag, FileStream target, long from, CancellationToken ct)
    {
        using var part = await s3.GetObjectAsync(new GetObjectRequest { BucketName = options.Bucket, Key = key, ByteRange = new ByteRange(from, from + options.PartBytes - 1), EtagToMatch = etag }, ct);
        target.SetLength(from);   // an attempt before this one may have come half the way
        target.Position = from;
        await part.ResponseStream.CopyToAsync(target, ct);
        if (part.ContentRange?.Split('/') is not [_, var all] || !long.TryParse(all, NumberStyles.None, CultureInfo.InvariantCulture, out var total))
            throw new ObjectStoreException($"The object store does not read a part of {key}: it ignores ranges.");
        return target.Position == Math.Min(total, from + options.PartBytes) ? (total, part.ETag, part.Metadata[Md5])
            : throw new IOException($"the answer ended at byte {target.Position} of {total}");
    }

    private Task<PutObjectResponse> PutWhole(string file, string key, Fingerprint print, CancellationToken ct) =>
        requests.Send($"write {key}", (s3, stop) => s3.PutObjectAsync(new PutObjectRequest
        {
            BucketName = options.Bucket, Key = key, FilePath = file, IfNoneMatch = "*",
            MD5Digest = Convert.ToBase64String(print.Parts[0]), Metadata = { [Md5] = print.Md5 },
        }, stop), ct);

    private async Task PutParts(string file, string key, Fingerprint print, CancellationToken ct)
    {
        var upload = (await requests.Send($"begin to write {key}", (s3, stop) =>
            s3.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = options.Bucket, Key = key, Metadata = { [Md5] = print.Md5 } }, stop), ct)).UploadId;
        try
        {
            var tags = new PartETag[print.Parts.Count];
            await requests.Each(Enumerable.Range(0, tags.Length), async (i, stop) =>
            {
                var put = await requests.Send($"write part {i + 1} of {tags.Length} of {key}", (s3, attempt) => s3.UploadPartAsync(new UploadPartRequest
                {
                    BucketName = options.Bucket, Key = key, UploadId = upload, PartNumber = i + 1, FilePath = file, FilePosition = (long)i * options.PartBytes,
                    PartSize = Math.Min(options.PartBytes, print.Length - (long)i * options.PartBytes), MD5Digest = Convert.ToBase64String(print.Parts[i]),
                }, attempt), stop);
                tags[i] = new PartETag(i + 1, put.ETag);
            }, ct);
            await requests.Send($"complete {key}", (s3, stop) =>
                s3.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = options.Bucket, Key = key, UploadId = upload, PartETags = [.. tags], IfNoneMatch = "*" }, stop), ct);
        }
        catch (ObjectStoreException over) when (over.Code == "NoSuchUpload")
        {
            // completed by an attempt whose answer got lost, or aborted by somebody: Verify tells
        }
        catch (Exception)
        {
            await Abort(key, upload);
            throw;
        }
    }

    /// <summary>What is not aborted now is by <see cref="BucketUpkeep"/>, after a day.</summary>
    private async Task Abort(string key, string upload)
    {
        try
        {
            await requests.SendOnce($"abort {key}", (s3, stop) => s3.AbortMultipartUploadAsync(options.Bucket, key, upload, stop), CancellationToken.None);
        }
        catch (ObjectStoreException)
        {
            // why it failed first is what matters
        }
    }

    private async Task Verify(string key, Fingerprint print, CancellationToken ct)
    {
        var stored = await requests.Send($"show {key}", (s3, stop) => s3.GetObjectMetadataAsync(options.Bucket, key, stop), ct);
        // with a key of its customer or of its key service, a store may answer another ETag; it has compared Content-MD5 by then
        var encrypted = stored.ServerSideEncryptionMethod?.Value?.StartsWith("aws:kms", StringComparison.Ordinal) is true || stored.ServerSideEncryptionCustomerMethod?.Value is { Length: > 0 };
        if (stored.ContentLength != print.Length || (!encrypted && stored.ETag.Trim('"') != print.ETag))
            throw new ObjectStoreException($"The object store holds another object as {key} than was written: {stored.ContentLength} bytes with ETag {stored.ETag}, not {print.Length} with \"{print.ETag}\".");
    }
}
