using System.Buffers;

namespace Causality.Ingest.Receiving;

/// <summary>Why a body was refused: the HTTP status, a code for programs, and words for the violation on <c>body</c>.</summary>
internal sealed record BodyFault(int Status, string Code, string Description)
{
    public static BodyFault TooLarge(int limit) => new(413, "too_large", $"is larger than {limit} bytes");

    public static BodyFault Truncated(string encoding) => new(400, "truncated", $"is cut off: the {encoding} stream does not end");

    public static BodyFault Corrupt(string encoding) => new(400, "corrupt", $"is not a valid {encoding} stream");

    public static BodyFault Encoding(string description) => new(415, "encoding", description);
}

/// <summary>Bytes in pooled memory, up to a limit; one byte more is noticed, not stored.</summary>
internal sealed class BodyBuffer(int limit, int expected) : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Math.Min(Math.Max(expected, 1024), limit + 1));

    public int Length { get; private set; }

    public int Limit { get; } = limit;

    public bool IsOver => Length > Limit;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>What was written, to be changed where it is.</summary>
    public Span<byte> Editable => _bytes.AsSpan(0, Length);

    /// <summary>The API key that came beside the body's JSON, in a form.</summary>
    public string? Key { get; set; }

    /// <summary>Room for the next bytes: never empty until the limit is passed.</summary>
    public Memory<byte> Free()
    {
        if (Length == _bytes.Length && Length <= Limit)
        {
            var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * _bytes.Length, Limit + 1L));
            _bytes.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }
        return _bytes.AsMemory(Length, Math.Min(_bytes.Length, Limit + 1) - Length);
    }

    public void Advance(int count) => Length += count;

    /// <summary>Up to the limit and one byte.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && !IsOver)
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

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Length = 0;
    }
}
