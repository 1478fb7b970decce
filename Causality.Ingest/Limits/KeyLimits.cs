using System.Collections.Concurrent;
using Causality.Ingest.ApiKeys;
using Microsoft.Extensions.Options;

namespace Causality.Ingest.Limits;

/// <summary>Events per second for each API key: the key's own limits, else those of <see cref="IngestOptions"/>. Per host.</summary>
internal sealed class KeyLimits(IOptions<IngestOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<Guid, TokenBucket> _buckets = new();

    /// <summary>Refuses who is already over the limit, before the body is read.</summary>
    public bool HasRoom(ValidKey key, out TimeSpan retryAfter) => Bucket(key).HasAtLeast(1, out retryAfter);

    /// <summary>Takes a request's events, all or none.</summary>
    public bool TryTake(ValidKey key, int events, out TimeSpan retryAfter) => Bucket(key).TryTake(events, out retryAfter);

    private TokenBucket Bucket(ValidKey key)
    {
        double rate = key.EventsPerSecond ?? options.Value.EventsPerSecond;
        // a key with a rate of its own and no burst gets twice the rate, as the settings' own default has it
        double burst = key.Burst ?? (key.EventsPerSecond is { } own ? 2.0 * own : options.Value.Burst);
        var bucket = _buckets.GetOrAdd(key.Id, static (_, b) => new TokenBucket(b.rate, b.burst, b.clock), (rate, burst, clock));
        // the key's limits were changed: the new ones hold from now on
        return bucket.Rate == rate && bucket.Burst == burst ? bucket : _buckets[key.Id] = new TokenBucket(rate, burst, clock);
    }
}
