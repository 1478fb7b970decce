using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Causality.Lake.Files.S3;

/// <summary>An S3-compatible store that the lake lies in, <c>CAUSALITY_S3__…</c>; without <see cref="Bucket"/> it lies in the data folder.</summary>
public sealed class S3Options
{
    /// <summary>The bucket that holds the lake; empty for a lake on the local disk.</summary>
    public string Bucket { get; set; } = "";

    /// <summary>Where the store is, such as <c>http://minio:9000</c>; empty for Amazon's own, by <see cref="Region"/>.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>The region that requests are signed for.</summary>
    [Required]
    public string Region { get; set; } = "us-east-1";

    /// <summary>Access key; empty, with its secret, for what the AWS SDK finds: its environment, profile, or the machine's role.</summary>
    public string AccessKey { get; set; } = "";

    /// <summary>The secret of <see cref="AccessKey"/>.</summary>
    public string SecretKey { get; set; } = "";

    /// <summary>What all names in the bucket begin with, such as <c>causality/production</c>; empty when the bucket is the lake's alone.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>The bucket in the path of addresses (<c>http://host/bucket/…</c>) instead of the host's name.</summary>
    public bool ForcePathStyle { get; set; } = true;

    /// <summary>Makes the bucket at start when there is none.</summary>
    public bool CreateBucket { get; set; }

    /// <summary>How long one request may take, with at most <see cref="PartBytes"/> to carry.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request is repeated that failed for reasons which may pass; less than a flush may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan RetryTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Larger objects are written, and read, in parts of this size.</summary>
    [Range(5 * 1024 * 1024, 512 * 1024 * 1024)]
    public int PartBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Transfers at the same time: so many of uploads, and so many of downloads.</summary>
    [Range(1, 256)]
    public int Parallel { get; set; } = 8;

    /// <summary>The folder of files on their way to the store, and of the cache; empty for <c>s3</c> below the data folder.</summary>
    public string Folder { get; set; } = "";

    /// <summary>Bytes of objects that each process keeps on its disk; more only while questions need them.</summary>
    [Range(typeof(long), "0", "9223372036854775807")]
    public long CacheBytes { get; set; } = 10L << 30;

    internal bool IsConfigured => Bucket.Length > 0;
}

internal sealed class S3Checks : IValidateOptions<S3Options>
{
    public ValidateOptionsResult Validate(string? name, S3Options options)
    {
        if (!options.IsConfigured)
            return options.Endpoint.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail("CAUSALITY_S3__BUCKET must name the bucket, since CAUSALITY_S3__ENDPOINT is set.");
        var failures = new List<string>();
        if (options.Endpoint.Length > 0 && (!Uri.TryCreate(options.Endpoint, UriKind.Absolute, out var endpoint) || endpoint is not { Scheme: "http" or "https", PathAndQuery: "/", UserInfo: "" }))
            failures.Add("CAUSALITY_S3__ENDPOINT must be an address without a path, such as https://s3.example.com or http://minio:9000.");
        if (options.AccessKey.Length == 0 != (options.SecretKey.Length == 0))
            failures.Add("CAUSALITY_S3__ACCESSKEY and CAUSALITY_S3__SECRETKEY must be set both, or neither.");
        if (options.Prefix.Length > 0 && options.Prefix.Split('/').Any(part => part is "" or "." or ".."))
            failures.Add("CAUSALITY_S3__PREFIX must be names with single slashes between them, such as causality/production.");
        if (options.RetryTimeout < options.RequestTimeout)
            failures.Add("CAUSALITY_S3__RETRYTIMEOUT must not be shorter than CAUSALITY_S3__REQUESTTIMEOUT.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
