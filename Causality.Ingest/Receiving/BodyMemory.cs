using Microsoft.Extensions.Options;

namespace Causality.Ingest.Receiving;

/// <summary>
/// How many bytes of bodies are in memory at a time, over all requests: of those that are being read, and of those that are being decoded. What would go beyond
/// <see cref="IngestOptions.ReadingBytes"/> is refused with 503.
/// </summary>
internal sealed class BodyMemory(IOptions<IngestOptions> options)
{
    private readonly long _limit = options.Value.ReadingBytes;
    private long _taken;

    /// <summary>Bytes in use.</summary>
    public long Taken => Volatile.Read(ref _taken);

    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= _limit)
            return true;
        Interlocked.Add(ref _taken, -bytes);
        return false;
    }

    public void Return(int bytes) => Interlocked.Add(ref _taken, -bytes);
}
