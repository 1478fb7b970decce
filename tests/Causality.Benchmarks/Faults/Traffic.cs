using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Causality.Benchmarks.Faults;

/// <summary>
/// Senders as apps have them: batches and single events, of several apps, to any of the hosts, the same keys again after a 5xx or no answer. One event of
/// twenty is one that was sent before. One sender gives up at the first failure, so that there are keys of which nobody knows.
/// </summary>
internal sealed class Traffic(IReadOnlyList<Uri> hosts, IReadOnlyList<(string Id, string Key)> apps, Journal journal) : IAsyncDisposable
{
    private const int BatchSenders = 4, SingleSenders = 2, LargestBatch = 40, Remembered = 500;
    private const double ShareOfRepeats = 0.05;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(60), LongestPause = TimeSpan.FromSeconds(1), PatienceAtTheEnd = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) }) { Timeout = TimeSpan.FromSeconds(20) };
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<SentEvent> _recent = [];
    private Task _senders = Task.CompletedTask;
    private long _repeats;

    public long Repeats => _repeats;

    public void Begin() => _senders = Task.WhenAll(
        [.. Enumerable.Range(0, BatchSenders).Select(i => Task.Run(() => Send(1 + i * LargestBatch / BatchSenders, LargestBatch, patient: i > 0))),
         .. Enumerable.Range(0, SingleSenders).Select(_ => Task.Run(() => Send(1, 1, patient: true)))]);

    /// <summary>Begins nothing new; what has no answer yet is sent again until it has one, within half a minute.</summary>
    public async Task End()
    {
        await _end.CancelAsync();
        await _senders;
    }

    /// <summary>Sends events to one host, or to several at the same time, again and again until every one has an answer; false when patience ran out.</summary>
    public async Task<bool> Deliver(IReadOnlyList<SentEvent> events, bool patient, params Uri[] to)
    {
        var app = apps.First(a => a.Id == events[0].App);
        for (long? endedAt = null; ;)
        {
            var answers = await Task.WhenAll((to.Length == 0 ? [hosts[Random.Shared.Next(hosts.Count)]] : to).Select(host => Ask(host, app.Key, events)));
            if (answers.All(pause => pause is null))
                return true;
            if (_end.IsCancellationRequested)
                endedAt ??= Stopwatch.GetTimestamp();
            if (!patient || (endedAt is { } at && Stopwatch.GetElapsedTime(at) > PatienceAtTheEnd))
                return false;
            await Task.Delay(answers.Max() ?? Pace);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await End();
        _http.Dispose();
        _end.Dispose();
    }

    private async Task Send(int least, int most, bool patient)
    {
        while (!_end.IsCancellationRequested)
        {
            var events = Make(apps[Random.Shared.Next(apps.Count)].Id, Random.Shared.Next(least, most + 1));
            if (await Deliver(events, patient))
                foreach (var sent in events)
                    _recent.Enqueue(sent);
            while (_recent.Count > Remembered)
                _recent.TryDequeue(out _);
            await Task.Delay(Pace);
        }
    }

    private List<SentEvent> Make(string app, int count)
    {
        var before = _recent.Where(s => s.App == app).ToList();
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            if (before.Count == 0 || Random.Shared.NextDouble() >= ShareOfRepeats)
                return SentEvent.Make(app, DateTimeOffset.UtcNow.AddMinutes(-Random.Shared.Next(90)));   // of up to three hours, so of several files
            Interlocked.Increment(ref _repeats);
            return before[Random.Shared.Next(before.Count)];
        })];
    }

    // null when every event has its answer; otherwise how long to wait before the next try
    private async Task<TimeSpan?> Ask(Uri host, string key, IReadOnlyList<SentEvent> events)
    {
        var asked = Stopwatch.GetTimestamp();
        journal.Ask(events);
        Answer[]? answers = null;
        var pause = TimeSpan.FromMilliseconds(200);
        try
        {
            using var request = events is [var only]
                ? new HttpRequestMessage(HttpMethod.Post, new Uri(host, "/v1/events/ingest")) { Content = JsonContent.Create(new { @event = only.Json() }) }
                : new HttpRequestMessage(HttpMethod.Post, new Uri(host, "/v1/events/batch")) { Content = JsonContent.Create(new { events = events.Select(e => e.Json()) }) };
            request.Headers.Add("X-API-Key", key);
            using var answer = await _http.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                answers = Verdicts(body, events.Count);
                journal.Succeeded(asked);
            }
            else if ((int)answer.StatusCode is >= 400 and < 500)
                answers = [.. events.Select(_ => Answer.Refused)];
            else if (answer.Headers.RetryAfter?.Delta is { } wish)
                pause = wish < LongestPause ? wish : LongestPause;
        }
        catch (Exception away) when (away is HttpRequestException or IOException or TaskCanceledException)
        {
        }
        for (var i = 0; i < events.Count; i++)
            journal.Take(events[i], answers?[i] ?? Answer.Unknown);
        return answers is null ? pause : null;
    }

    private static Answer[] Verdicts(string body, int count)
    {
        using var json = JsonDocument.Parse(body);
        static Answer One(JsonElement verdict) => verdict.GetProperty("status").GetString() == "accepted" ? Answer.Accepted : Answer.Refused;
        if (!json.RootElement.TryGetProperty("results", out var results))
            return [One(json.RootElement)];
        Answer[] verdicts = [.. results.EnumerateArray().Select(One)];
        return verdicts.Length == count ? verdicts : throw new InvalidDataException($"{count} events were answered with {verdicts.Length} verdicts: {body}");
    }
}
