using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Causality.Ingest.ApiKeys;

internal enum KeyVerdict
{
    Valid,
    Invalid,

    /// <summary>The database is away, and the key was not seen lately.</summary>
    Unknown,
}

/// <summary>
/// Answers for keys without asking the database each time. A valid key is believed for 2 s, then for 2 s more while it is asked again behind
/// the request's back, so a revoked key is refused everywhere within 5 s; one that expires is refused at its time. With the database away, a key that was confirmed in the last
/// 5 minutes stays valid. What is not a key is remembered for 1 s. One question per key is under way at a time. Ages are measured by timestamps: a time of day that is set back would make them young.
/// </summary>
internal sealed class ApiKeyCache(IApiKeyLookup lookup, TimeProvider clock, ILogger<ApiKeyCache> log)
{
    internal static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    internal static readonly TimeSpan Usable = TimeSpan.FromSeconds(4);
    internal static readonly TimeSpan UsableWithoutDatabase = TimeSpan.FromMinutes(5);
    internal static readonly TimeSpan RetryDatabase = TimeSpan.FromSeconds(1);
    internal static readonly TimeSpan RememberInvalid = TimeSpan.FromSeconds(1);
    internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);
    internal const int MostInvalid = 10_000;

    private readonly ConcurrentDictionary<KeyHash, Known> _valid = new();
    private readonly ConcurrentDictionary<KeyHash, long> _invalid = new();
    private readonly ConcurrentDictionary<KeyHash, Lazy<Task<Answer>>> _asked = new();

    private bool _away;

    internal int InvalidCount => _invalid.Count;

    /// <summary>The verdict where no question to the database needs to be awaited. Never does I/O on the caller's time.</summary>
    public bool TryAnswer(KeyHash hash, out Answer answer)
    {
        if (_valid.TryGetValue(hash, out var known))
        {
            answer = known.At(clock.GetUtcNow());
            var age = clock.GetElapsedTime(known.ConfirmedAt);
            if (age < Fresh)
                return true;
            // a failure counts as "the database is away" no longer than an answer would count
            var sinceFailure = known.FailedAt is { } failed ? clock.GetElapsedTime(failed) : TimeSpan.MaxValue;
            var away = sinceFailure < Usable && age < UsableWithoutDatabase;
            if (age < Usable || away)
            {
                if (sinceFailure >= RetryDatabase)
                    _ = Ask(hash);
                return true;
            }
        }
        else if (_invalid.TryGetValue(hash, out var refused) && clock.GetElapsedTime(refused) < RememberInvalid)
        {
            answer = new Answer(KeyVerdict.Invalid, null);
            return true;
        }
        answer = default;
        return false;
    }

    /// <summary>Whether the key was valid when the database was last asked, however long ago.</summary>
    public bool WasValid(KeyHash hash) => _valid.ContainsKey(hash);

    /// <summary>The verdict, from the database where need be. One caller's impatience does not cancel the question for the others.</summary>
    public Task<Answer> Answer(KeyHash hash, CancellationToken ct) =>
        TryAnswer(hash, out var answer) ? Task.FromResult(answer) : Ask(hash).WaitAsync(ct);

    private Task<Answer> Ask(KeyHash hash) => _asked.GetOrAdd(hash, h => new Lazy<Task<Answer>>(() => AskDatabase(h))).Value;

    [SuppressMessage("Design", "CA1031", Justification = "whatever went wrong, the database could not tell")]
    private async Task<Answer> AskDatabase(KeyHash hash)
    {
        // so that the task is in the dictionary before it can be taken out
        await Task.Yield();
        try
        {
            using var deadline = new CancellationTokenSource(Deadline, clock);
            var askedAt = clock.GetTimestamp();
            var key = await lookup.Find(hash, deadline.Token).WaitAsync(Deadline, clock, CancellationToken.None);
            if (Interlocked.Exchange(ref _away, false))
                log.DatabaseBack();
            if (key is null)
            {
                _valid.TryRemove(hash, out _);
                if (_invalid.Count >= MostInvalid)
                    _invalid.Clear();
                _invalid[hash] = clock.GetTimestamp();
                return new Answer(KeyVerdict.Invalid, null);
            }
            _invalid.TryRemove(hash, out _);
            var known = _valid[hash] = new Known(key, askedAt, FailedAt: null);
            return known.At(clock.GetUtcNow());
        }
        catch (Exception e)
        {
            // once for as long as it lasts, not for each key and second
            if (!Interlocked.Exchange(ref _away, true))
                log.DatabaseAway(e);
            if (!_valid.TryGetValue(hash, out var known) || clock.GetElapsedTime(known.ConfirmedAt) >= UsableWithoutDatabase)
                return new Answer(KeyVerdict.Unknown, null);
            _valid[hash] = known with { FailedAt = clock.GetTimestamp() };
            return known.At(clock.GetUtcNow());
        }
        finally
        {
            _asked.TryRemove(hash, out _);
        }
    }

    private sealed record Known(ValidKey Key, long ConfirmedAt, long? FailedAt)
    {
        public Answer At(DateTimeOffset now) => Key.ExpiresAt <= now ? new Answer(KeyVerdict.Invalid, null) : new Answer(KeyVerdict.Valid, Key);
    }
}

internal readonly record struct Answer(KeyVerdict Verdict, ValidKey? Key);

internal static partial class ApiKeyLog
{
    [LoggerMessage(2001, LogLevel.Warning, "API keys cannot be looked up; those confirmed lately stay valid")]
    public static partial void DatabaseAway(this ILogger log, Exception error);

    [LoggerMessage(2002, LogLevel.Information, "API keys can be looked up again")]
    public static partial void DatabaseBack(this ILogger log);

    [LoggerMessage(2003, LogLevel.Warning, "When keys were last used cannot be saved; it is tried again")]
    public static partial void UsesNotSaved(this ILogger log, Exception error);
}
