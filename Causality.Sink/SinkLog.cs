using Microsoft.Extensions.Logging;

namespace Causality.Sink;

internal static partial class SinkLog
{
    [LoggerMessage(3001, LogLevel.Information, "Stored {Events} events in {Files} files, {Duplicates} duplicates, {Dead} dead, in {Milliseconds} ms")]
    public static partial void Stored(this ILogger log, long events, int files, long duplicates, long dead, long milliseconds);

    [LoggerMessage(3002, LogLevel.Warning, "A flush of {Messages} messages failed; it is tried again in {Delay}")]
    public static partial void FlushFailed(this ILogger log, Exception exception, int messages, TimeSpan delay);

    [LoggerMessage(3030, LogLevel.Debug, "A flush is prepared again: {Why}")]
    public static partial void Outdated(this ILogger log, string why);

    [LoggerMessage(3003, LogLevel.Warning, "Flush {Flush} is committed and could not be published yet")]
    public static partial void PublicationDelayed(this ILogger log, Exception exception, Guid flush);

    [LoggerMessage(3004, LogLevel.Information, "Published {Flushes} flushes that an earlier process had committed")]
    public static partial void Completed(this ILogger log, int flushes);

    [LoggerMessage(3005, LogLevel.Information, "Removed the files of {Flushes} flushes that never committed")]
    public static partial void Abandoned(this ILogger log, int flushes);

    [LoggerMessage(3006, LogLevel.Warning, "The janitor failed; it tries again in {Delay}")]
    public static partial void JanitorFailed(this ILogger log, Exception exception, TimeSpan delay);

    [LoggerMessage(3008, LogLevel.Warning, "Dead message {MessageId} could not be kept yet")]
    public static partial void NotKeptYet(this ILogger log, Exception exception, Guid messageId);

    [LoggerMessage(3009, LogLevel.Warning, "Flush {Flush} could not be finished or tidied; the others go on")]
    public static partial void FlushNotTidied(this ILogger log, Exception exception, Guid flush);

    [LoggerMessage(3010, LogLevel.Warning, "{Events} dead events wait for somebody to replay or discard them, more than {Threshold}")]
    public static partial void TooManyDead(this ILogger log, long events, int threshold);

    [LoggerMessage(3011, LogLevel.Information, "{Events} dead events wait, no more than {Threshold} again")]
    public static partial void FewDeadAgain(this ILogger log, long events, int threshold);

    [LoggerMessage(3012, LogLevel.Warning, "Dead letters could not be counted; they are counted again in {Delay}")]
    public static partial void DeadNotCounted(this ILogger log, Exception exception, TimeSpan delay);

    [LoggerMessage(3013, LogLevel.Warning, "Replays of dead letters could not be sent yet; it is tried again within {Delay}")]
    public static partial void ReplaysNotSent(this ILogger log, Exception exception, TimeSpan delay);

    [LoggerMessage(3014, LogLevel.Information, "{Email} decided on {Letters} dead letters with {Events} events: {Decision}")]
    public static partial void LettersDecided(this ILogger log, string email, long letters, long events, string decision);

    [LoggerMessage(3007, LogLevel.Error, "{Events} events went dead: {Reason}")]
    public static partial void WentDead(this ILogger log, long events, string reason);

    [LoggerMessage(3020, LogLevel.Error, "Hour {Hour} of {AppId} could not be compacted; the others go on")]
    public static partial void NotCompacted(this ILogger log, Exception exception, string appId, int hour);

    [LoggerMessage(3021, LogLevel.Information, "Deleted {Files} files that had been replaced")]
    public static partial void RetiredDeleted(this ILogger log, int files);

    [LoggerMessage(3022, LogLevel.Error, "The ledger differs: {Difference}")]
    public static partial void LedgerDiffers(this ILogger log, string difference);

    [LoggerMessage(3023, LogLevel.Information, "Erasure {Erasure} of {AppId} is done: {Rows} events in {Files} files")]
    public static partial void Erased(this ILogger log, Guid erasure, string appId, long rows, long files);

    [LoggerMessage(3024, LogLevel.Error, "Erasures could not go on; they are tried again in {Delay}")]
    public static partial void ErasureFailed(this ILogger log, Exception exception, TimeSpan delay);
}
