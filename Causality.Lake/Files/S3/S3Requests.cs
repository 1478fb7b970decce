using System.Globalization;
using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Amazon.S3;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Causality.Lake.Files.S3;

/// <summary>The store refuses, or does not answer. The message names what was wanted and the store's own reason.</summary>
public sealed class ObjectStoreException(string message, HttpStatusCode? status = null, string? code = null, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>The status of the store's last answer; null when there was none.</summary>
    public HttpStatusCode? Status => status;

    /// <summary>The store's own name of the error, such as <c>NoSuchBucket</c>.</summary>
    public string? Code => code;
}

/// <summary>
/// How the store is asked: each attempt has its time; trouble that may pass is waited out with growing, jittered pauses for as long as
/// the settings say; all else is an <see cref="ObjectStoreException"/>, or a cancellation that tells the trouble there was.
/// </summary>
internal sealed partial class S3Requests : IDisposable
{
    // what a retry may cure, of the errors that come with a status below 500
    private static readonly string[] Passing = ["SlowDown", "RequestTimeout", "IncompleteBody", "BadDigest", "XAmzContentSHA256Mismatch", "OperationAborted", "ConditionalRequestConflict", "TooManyRequests", Skewed];

    private const string Skewed = "RequestTimeTooSkewed";

    private readonly AmazonS3Client _s3;
    private readonly ResiliencePipeline _patient, _once;
    private readonly S3Options _options;
    private readonly ILogger _log;

    public S3Requests(S3Options options, ILogger log)
    {
        (_options, _log) = (options, log);
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.ForcePathStyle,
            AuthenticationRegion = options.Region,
            // checksums of newer kinds are unknown to many stores; Content-MD5 and the ETag do their work here
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            MaxErrorRetry = 0,
            Timeout = Timeout.InfiniteTimeSpan,   // attempts are timed below
            MaxConnectionsPerServer = options.Parallel * 3,
        };
        if (options.Endpoint.Length > 0)
            config.ServiceURL = options.Endpoint;
        else
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        _s3 = options.AccessKey.Length > 0 ? new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), config) : new AmazonS3Client(config);
        _once = new ResiliencePipelineBuilder().AddTimeout(options.RequestTimeout).Build();
        _patient = new ResiliencePipelineBuilder()
            .AddTimeout(options.RetryTimeout)
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<Exception>(MayPass),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(2),
            })
            .AddPipeline(_once)
            .Build();
    }

    /// <summary>Sends a request, whose answer's body is to be read inside of it, until it is through.</summary>
    /// <param name="what">What is wanted, for messages: "write a/b".</param>
    public Task<T> Send<T>(string what, Func<IAmazonS3, CancellationToken, Task<T>> request, CancellationToken ct) => Send(_patient, what, request, ct);

    /// <summary>The same with one attempt.</summary>
    public Task<T> SendOnce<T>(string what, Func<IAmazonS3, CancellationToken, Task<T>> request, CancellationToken ct) => Send(_once, what, request, ct);

    /// <summary>Does something with each of many, as many at the same time as the settings allow; ends all with the first that fails.</summary>
    public async Task Each<T>(IEnumerable<T> things, Func<T, CancellationToken, Task> act, CancellationToken ct)
    {
        OperationCanceledException? cancelled = null;
        try
        {
            await Parallel.ForEachAsync(things, new ParallelOptions { MaxDegreeOfParallelism = _options.Parallel, CancellationToken = ct }, async (thing, stop) =>
            {
                try
                {
                    await act(thing, stop);
                }
                catch (OperationCanceledException telling)
                {
                    cancelled ??= telling;
                    throw;
                }
            });
        }
        catch (OperationCanceledException) when (cancelled is not null)
        {
            throw cancelled;   // the loop's own would not tell the trouble there was
        }
    }

    public void Dispose() => _s3.Dispose();

    private async Task<T> Send<T>(ResiliencePipeline pipeline, string what, Func<IAmazonS3, CancellationToken, Task<T>> request, CancellationToken ct)
    {
        var trouble = $"no answer within {_options.RequestTimeout.TotalSeconds:0.#} s";
        try
        {
            return await pipeline.ExecuteAsync(async stop =>
            {
                try
                {
                    return await request(_s3, stop);
                }
                catch (Exception failure) when (failure is not OperationCanceledException && MayPass(failure))
                {
                    trouble = Reason(failure);
                    LogTrouble(what, trouble);
                    if (failure is AmazonServiceException { ErrorCode: Skewed, InnerException: HttpErrorResponseException answer })
                        FollowClock(answer.Response);
                    throw;
                }
            }, ct);
        }
        catch (OperationCanceledException cancelled) when (ct.IsCancellationRequested)
        {
            throw new OperationCanceledException($"The object store did not {what} in the time that there was ({trouble}).", cancelled, ct);
        }
        catch (TimeoutRejectedException late)
        {
            throw new ObjectStoreException($"The object store did not {what} within {late.Timeout.TotalSeconds:0.#} s: {trouble}.");
        }
        catch (AmazonServiceException refused)
        {
            throw new ObjectStoreException($"The object store does not {what}: {Reason(refused)}.", refused.StatusCode == 0 ? null : refused.StatusCode, refused.ErrorCode, refused);
        }
        catch (Exception failure) when (failure is AmazonClientException or HttpRequestException)
        {
            throw new ObjectStoreException($"The object store does not {what}: {Reason(failure)}.", inner: failure);
        }
    }

    // requests are signed with the time of day, and what is a quarter of an hour off is refused: the answer says what time it is there, and a clock that is set right later is off again by then
    private void FollowClock(IWebResponseData answer)
    {
        if (!DateTimeOffset.TryParse(answer.GetHeaderValue("Date"), CultureInfo.InvariantCulture, out var there))
            return;
        var ahead = there - DateTimeOffset.UtcNow;
        AWSConfigs.ManualClockCorrection = ahead;
        LogClock(ahead);
    }

    private static bool MayPass(Exception failure) => failure switch
    {
        ObjectStoreException => false,
        AmazonServiceException refused => refused.StatusCode is 0 or HttpStatusCode.OK or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError
            && refused.StatusCode != HttpStatusCode.NotImplemented || Passing.Contains(refused.ErrorCode),
        AmazonClientException or HttpRequestException or IOException or TimeoutRejectedException or OperationCanceledException => true,
        _ => false,
    };

    private static string Reason(Exception failure) => failure switch
    {
        AmazonServiceException { StatusCode: > 0 } refused => $"{(int)refused.StatusCode} {refused.ErrorCode} {refused.Message}".Trim().TrimEnd('.'),
        _ => failure.GetBaseException().Message.TrimEnd('.'),
    };

    [LoggerMessage(6001, LogLevel.Warning, "The object store did not {What}: {Trouble}; it is tried again")]
    private partial void LogTrouble(string what, string trouble);

    [LoggerMessage(6005, LogLevel.Warning, "The object store's clock is ahead of this machine's by {Ahead}; requests are signed by the store's. Set this machine's clock right")]
    private partial void LogClock(TimeSpan ahead);
}
