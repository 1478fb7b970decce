using System.Collections.Concurrent;

namespace Causality.Host;

/// <summary>
/// Arrays for messages, used again and again: the collector would copy each new one twice before its flush. None of a kept size is a large object to it, as those are that .NET's pools give
/// for more than 64 KB. Others are new each time.
/// </summary>
/// <param name="most">Kept of a size.</param>
internal sealed class ReusedBuffers(int most)
{
    private readonly (int Bytes, ConcurrentQueue<byte[]> Free)[] _sizes = [(4_096, new()), (16_384, new()), (84_000, new())];   // large is from 85,000

    public byte[] Rent(int bytes)
    {
        foreach (var size in _sizes)
            if (bytes <= size.Bytes)
                return size.Free.TryDequeue(out var buffer) ? buffer : GC.AllocateUninitializedArray<byte>(size.Bytes);
        return GC.AllocateUninitializedArray<byte>(bytes);
    }

    public void Return(byte[] buffer)
    {
        foreach (var size in _sizes)
            if (buffer.Length == size.Bytes && size.Free.Count < most)
                size.Free.Enqueue(buffer);
    }
}
