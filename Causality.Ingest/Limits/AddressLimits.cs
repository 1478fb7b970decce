using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Causality.Ingest.Limits;

/// <summary>
/// Requests per second without a valid key, for each address (an IPv6 network of /64 counts as one), so that guessing keys stays cheap for
/// the database. A request with a key that is known to be valid is never held up by it.
/// </summary>
internal sealed class AddressLimits(IOptions<IngestOptions> options, TimeProvider clock)
{
    internal const int MostAddresses = 20_000;

    private readonly ConcurrentDictionary<UInt128, TokenBucket> _buckets = new();

    internal int Count => _buckets.Count;

    /// <summary>True while this address may try keys that are not known to be valid.</summary>
    public bool HasRoom(IPAddress? address, out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        return !_buckets.TryGetValue(Source(address), out var bucket) || bucket.HasAtLeast(1, out retryAfter);
    }

    /// <summary>Counts a request that came without a valid key; false when it was one too many.</summary>
    public bool TryTake(IPAddress? address, out TimeSpan retryAfter)
    {
        if (_buckets.Count >= MostAddresses)
            Forget();
        return _buckets.GetOrAdd(Source(address), static (_, self) => self.NewBucket(), this).TryTake(1, out retryAfter);
    }

    private TokenBucket NewBucket() => new(options.Value.AnonymousRequestsPerSecond, options.Value.AnonymousBurst, clock);

    // those who have been quiet go first; when all are busy, memory is worth more than their debts
    private void Forget()
    {
        foreach (var (source, bucket) in _buckets)
            if (bucket.IsFull)
                _buckets.TryRemove(source, out _);
        if (_buckets.Count >= MostAddresses)
            _buckets.Clear();
    }

    private static UInt128 Source(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address?.MapToIPv6().TryWriteBytes(bytes, out _);
        if (address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false })
            bytes[8..].Clear();
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
