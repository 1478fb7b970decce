using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Causality.Benchmarks.Load;

/// <summary>
/// The whole bytes of a request, made once for a connection; before each send the idempotency keys are written over in place, so that the
/// generator costs the measured machine next to nothing and yet no two events are the same.
/// </summary>
internal sealed class Request
{
    private static readonly byte[] Placeholder = Encoding.ASCII.GetBytes(new string('0', SampleEvents.KeyLength));
    private readonly byte[] _bytes;
    private readonly int[] _keys;
    private long _next;

    public Request(string path, string apiKey, byte[] body)
    {
        var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-API-Key: {apiKey}\r\nContent-Length: {body.Length}\r\n\r\n"));
        _bytes = [.. head, .. body];
        var keys = new List<int>();
        for (var at = head.Length; _bytes.AsSpan(at).IndexOf(Placeholder) is var found && found >= 0; at += found + Placeholder.Length)
            keys.Add(at + found);
        _keys = [.. keys];
        var own = Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(16, lowercase: true));
        foreach (var key in _keys)
            own.CopyTo(_bytes, key);
    }

    public int Events => _keys.Length;

    /// <summary>The request with keys that were never sent; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Fresh()
    {
        foreach (var key in _keys)
            Utf8Formatter.TryFormat(_next++, _bytes.AsSpan(key + 16), out _, new System.Buffers.StandardFormat('D', 16));
        return _bytes;
    }
}
