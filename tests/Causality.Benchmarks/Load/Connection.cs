using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace Causality.Benchmarks.Load;

/// <summary>One kept-alive HTTP/1.1 connection over a bare socket: it sends prepared bytes, and reads of the answer the status and where it ends.</summary>
internal sealed class Connection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[256 * 1024];

    public static async Task<Connection> Open(int port, CancellationToken ct)
    {
        var connection = new Connection();
        await connection._socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), ct);
        return connection;
    }

    /// <summary>Sends a request and answers the status of its response.</summary>
    public async ValueTask<int> Send(ReadOnlyMemory<byte> request, CancellationToken ct)
    {
        for (var sent = 0; sent < request.Length;)
            sent += await _socket.SendAsync(request[sent..], SocketFlags.None, ct);
        var filled = 0;
        while (true)
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(filled), SocketFlags.None, ct);
            if (read == 0)
                throw new IOException("The server closed the connection.");
            filled += read;
            if (IsWhole(_buffer.AsSpan(0, filled)))
                return Utf8Parser.TryParse(_buffer.AsSpan(9, 3), out int status, out _) ? status : throw new InvalidDataException("That is no HTTP response.");
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> response)
    {
        var end = response.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;
        var length = response[..end].IndexOf("\r\nContent-Length: "u8);
        return length < 0
            ? response.EndsWith("\r\n0\r\n\r\n"u8)
            : Utf8Parser.TryParse(response[(length + 18)..], out int bytes, out _) && response.Length >= end + 4 + bytes;
    }
}
