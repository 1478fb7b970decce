using System.Collections.Concurrent;
using System.Net;

namespace Causality.Integration.Tests;

/// <summary>
/// Several senders at once, until they are told to stop or nobody answers; remembers which keys were answered <c>accepted</c>. With a pause between its requests each,
/// where what is stored has to keep up.
/// </summary>
internal sealed class Load(EventClient client, int senders = 4, int batch = 25, DateTimeOffset? at = null, TimeSpan pause = default) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<string> _accepted = [], _unknown = [];
    private Task _senders = Task.CompletedTask;

    public IReadOnlyCollection<string> Accepted => _accepted;

    /// <summary>Keys whose request was answered otherwise, or not: they may be stored.</summary>
    public IReadOnlyCollection<string> Unknown => _unknown;

    public Load Begin()
    {
        _senders = Task.WhenAll(Enumerable.Range(0, senders).Select(_ => Task.Run(Send)));
        return this;
    }

    public Task End()
    {
        _stop.Cancel();
        return _senders;
    }

    public async ValueTask DisposeAsync()
    {
        await End();
        _stop.Dispose();
    }

    private async Task Send()
    {
        while (!_stop.IsCancellationRequested)
        {
            var events = Sent.Some(batch, at ?? DateTimeOffset.UtcNow);
            var outcome = _unknown;
            try
            {
                using var answer = await client.Post(events);
                if (answer.StatusCode == HttpStatusCode.OK)
                    outcome = _accepted;
            }
            catch (Exception gone) when (gone is HttpRequestException or IOException or TaskCanceledException)
            {
                await Task.Delay(20);   // the host is gone, or going: not to spin until told so
            }
            foreach (var sent in events)
                outcome.Add(sent.Key);
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause);
        }
    }
}
