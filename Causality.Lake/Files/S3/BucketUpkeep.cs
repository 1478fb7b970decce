using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Causality.Lake.Files.S3;

/// <summary>
/// At start, makes sure that there is a bucket: none, or a refusal, stops the program, while a store that is away does not. Every hour,
/// ends multipart uploads that were left unfinished for a day. A lake on the local disk needs neither.
/// </summary>
internal sealed partial class BucketUpkeep(IObjectStore lake, TimeProvider clock, ILogger<BucketUpkeep> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1), Abandoned = TimeSpan.FromDays(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (lake is not S3ObjectStore store)
            return;
        try
        {
            await store.RequireBucket(cancellationToken);
        }
        catch (ObjectStoreException refused) when (refused.Code is "NoSuchBucket")
        {
            throw Wrong($"CAUSALITY_S3__BUCKET: {refused.Message} Make it, or set CAUSALITY_S3__CREATEBUCKET=true.");
        }
        catch (ObjectStoreException refused) when (refused.Status is { } status && (int)status < 500)
        {
            throw Wrong($"CAUSALITY_S3__BUCKET, …__ACCESSKEY and …__SECRETKEY, or CAUSALITY_S3__REGION: {refused.Message}");
        }
        catch (ObjectStoreException away)
        {
            LogAway(away.Message);
        }
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var store = (S3ObjectStore)lake;
        try
        {
            for (; ; await Task.Delay(Period, clock, stoppingToken))
                await AbortUploads(store, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task AbortUploads(S3ObjectStore store, CancellationToken ct)
    {
        try
        {
            if (await store.AbortUploads(Abandoned, ct) is > 0 and var aborted)
                LogAborted(aborted);
        }
        catch (ObjectStoreException failure)
        {
            LogFailed(failure.Message);
        }
    }

    private static OptionsValidationException Wrong(string what) => new(Options.DefaultName, typeof(S3Options), [what]);

    [LoggerMessage(6002, LogLevel.Warning, "The object store is away at start, so its bucket is not known to be there: {Why}")]
    private partial void LogAway(string why);

    [LoggerMessage(6003, LogLevel.Information, "Ended {Uploads} uploads that were left unfinished for a day")]
    private partial void LogAborted(int uploads);

    [LoggerMessage(6004, LogLevel.Warning, "Unfinished uploads are not looked for: {Why}")]
    private partial void LogFailed(string why);
}
