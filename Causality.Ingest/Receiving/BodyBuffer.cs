using System.Buffers;

namespace Causality.Ingest.Receiving;

/// <summary>Why a body was refused: the HTTP status, a code for programs, and words for the violation on <c>body</c>.</summary>
internal sealed record BodyFault(int Status, string Code, string Description)
{
    public static BodyFault TooLarge(int limit) => new(413, "too_large", $"is larger than {limit} bytes");

    public static BodyFault Truncated(string encoding) => new(400, "truncated", $"is cut off: the {encoding} stream does not end");

    public static BodyFault Corrupt(string encoding) => new(400, "corrupt", $"is not a valid {encoding} stream");

    /// <summary>Other bodies fill the memory that there is for them.</summary>
    public static BodyFault NoMemory { get; } = new(503, "busy", "cannot be read at the moment: too many bodies are being read");

    public static BodyFault Encoding(string description) => new(415, "encoding", description);
}

/// <summary>
/// Bytes in pooled memory, up to a limit; one byte more is noticed, not stored. It grows with what is written, never with what a request promises, and
/// only while <see cref="BodyMemory"/> has room.
/// </summary>
internal sealed class BodyBuffer(int limit, int expected, BodyMemory memory) : IDisposable
{
    private const int Smallest = 1024, LargestFirst = 64 * 1024;

    private byte[] _bytes = [];
    private byte[]? _overflow;

    public int Length { get; private set; }

    public int Limit { get; } = limit;

    /// <summary>Why no more can be written, or null. To be looked at after each write: what was written then is lost.</summary>
    public BodyFault? Fault => _overflow is not null && Length > _bytes.Length ? BodyFault.NoMemory : Length > Limit ? BodyFault.TooLarge(Limit) : null;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>What was written, to be changed where it is.</summary>
    public Span<byte> Editable => _bytes.AsSpan(0, Length);

    /// <summary>The API key that came beside the body's JSON, in a form.</summary>
    public string? Key { get; set; }

    /// <summary>Room for the next bytes, never empty.</summary>
    public Memory<byte> Free()
    {
        if (Length == _bytes.Length && Length <= Limit && !Grow())
            return _overflow ??= new byte[Smallest];
        return _bytes.AsMemory(Length, Math.Min(_bytes.Length, Limit + 1) - Length);
    }

    public void Advance(int count) => Length += count;

    /// <summary>Stops where there is a <see cref="Fault"/>.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && Fault is null)
        {
            var free = Free().Span;
            var part = Math.Min(free.Length, bytes.Length);
            bytes[..part].CopyTo(free);
            Advance(part);
            bytes = bytes[part..];
        }
    }

    /// <summary>Forgets what is behind so many bytes.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>May be called again.</summary>
    public void Dispose()
    {
        memory.Return(_bytes.Length);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Length = 0;
    }

    private bool Grow()
    {
        var wanted = _bytes.Length == 0 ? Math.Min(Math.Max(expected, Smallest), LargestFirst) : (int)Math.Min(2L * _bytes.Length, int.MaxValue);
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(wanted, Limit + 1));
        if (!memory.TryTake(larger.Length))
        {
            ArrayPool<byte>.Shared.Return(larger);
            return false;
        }
        Written.CopyTo(larger);
        memory.Return(_bytes.Length);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
        return true;
    }
}
