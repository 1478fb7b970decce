using System.Net;
using System.Net.Sockets;

namespace Causality.Benchmarks.Faults;

/// <summary>The network between hosts and a server: passes everything, until it is told to be cut, to be silent, or to lose answers.</summary>
internal sealed class Wire : IAsyncDisposable
{
    // Q, length 11, COMMIT, NUL: how PostgreSQL's protocol says it
    private static readonly byte[] Commit = [(byte)'Q', 0, 0, 0, 11, .. "COMMIT\0"u8];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Pair> _pairs = [];
    private readonly (string Host, int Port) _server;
    private readonly Task _accepting;
    private volatile TaskCompletionSource? _silence;
    private volatile bool _cut;
    private int _commitsToLose, _commitsLost;

    public Wire(string host, int port)
    {
        _server = (host, port);
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int CommitsLost => _commitsLost;

    /// <summary>Ends every connection, and each new one at once.</summary>
    public void Cut()
    {
        _cut = true;
        foreach (var pair in Pairs())
            pair.Break();
    }

    /// <summary>Nothing arrives any more, and nobody is told: a cable is out.</summary>
    public void Silence() => _silence = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Mend()
    {
        _cut = false;
        var silence = _silence;
        _silence = null;
        silence?.SetResult();
    }

    /// <summary>Passes on the next commits, waits until they are answered, and ends the connection instead of passing on the answer.</summary>
    public void LoseAnswersOfCommits(int commits) => Volatile.Write(ref _commitsToLose, commits);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Mend();
        _listener.Stop();
        Cut();
        await _accepting;
        _stop.Dispose();
    }

    private List<Pair> Pairs()
    {
        lock (_lock)
            return [.. _pairs];
    }

    private async Task Accept()
    {
        try
        {
            while (true)
                _ = Connect(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException)
        {
        }
    }

    private async Task Connect(TcpClient client)
    {
        var pair = new Pair(client, new TcpClient());
        lock (_lock)
            _pairs.Add(pair);
        try
        {
            if (_cut)
                return;
            await Audible();
            await pair.Server.ConnectAsync(_server.Host, _server.Port, _stop.Token);
            client.NoDelay = pair.Server.NoDelay = true;
            await Task.WhenAny(Pass(pair, pair.Client, pair.Server, fromClient: true), Pass(pair, pair.Server, pair.Client, fromClient: false));
        }
        catch (Exception broken) when (broken is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
        }
        finally
        {
            pair.Break();
            lock (_lock)
                _pairs.Remove(pair);
        }
    }

    private async Task Pass(Pair pair, TcpClient from, TcpClient to, bool fromClient)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            var (source, sink) = (from.GetStream(), to.GetStream());
            while (await source.ReadAsync(buffer, _stop.Token) is > 0 and var n)
            {
                await Audible();
                if (fromClient && buffer.AsSpan(0, n).IndexOf(Commit) >= 0 && Interlocked.Decrement(ref _commitsToLose) >= 0)
                    pair.Doomed = true;
                else if (!fromClient && pair.Doomed)
                {
                    Interlocked.Increment(ref _commitsLost);
                    return;
                }
                await sink.WriteAsync(buffer.AsMemory(0, n), _stop.Token);
            }
        }
        catch (Exception broken) when (broken is SocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }

    private Task Audible() => _silence?.Task ?? Task.CompletedTask;

    private sealed class Pair(TcpClient client, TcpClient server)
    {
        public TcpClient Client => client;

        public TcpClient Server => server;

        public volatile bool Doomed;

        /// <summary>With a reset, as a network device does it.</summary>
        public void Break()
        {
            foreach (var end in new[] { client, server })
            {
                if (end.Client is { } socket)
                    socket.LingerState = new LingerOption(true, 0);
                end.Dispose();
            }
        }
    }
}
