using System.Collections.Concurrent;
using System.Diagnostics;

namespace Causality.Benchmarks.Faults;

internal enum Answer
{
    /// <summary>200, and a verdict of its own that says accepted.</summary>
    Accepted,

    /// <summary>4xx, or a verdict that says rejected: it must not be stored.</summary>
    Refused,

    /// <summary>5xx or no answer: it may be stored, or not.</summary>
    Unknown,
}

/// <summary>What senders remember of a key: the best of its answers counts.</summary>
internal sealed class Entry(SentEvent sent)
{
    private int _accepted, _unknown;
    private int _open;

    public SentEvent Sent => sent;

    /// <summary>Retention may take it out of the lake again.</summary>
    public bool MayExpire { get; set; }

    public Answer Answer => Volatile.Read(ref _accepted) > 0 ? Answer.Accepted : Volatile.Read(ref _unknown) > 0 || Volatile.Read(ref _open) > 0 ? Answer.Unknown : Answer.Refused;

    public void Ask() => Interlocked.Increment(ref _open);

    public void Take(Answer answer)
    {
        if (answer == Answer.Accepted)
            Interlocked.Increment(ref _accepted);
        else if (answer == Answer.Unknown)
            Interlocked.Increment(ref _unknown);
        Interlocked.Decrement(ref _open);
    }
}

/// <summary>The senders' own log: which keys were sent, and what each was answered. Knows nothing of the product's books.</summary>
internal sealed class Journal
{
    private readonly ConcurrentDictionary<(string App, string Key), Entry> _entries = [];
    private readonly ConcurrentDictionary<string, Verdicts> _verdicts = [];
    private readonly ConcurrentQueue<(long Asked, long Answered)> _successes = [];

    /// <summary>Answers by app: one for each event of each request, repeats included, as the product's books count them.</summary>
    public sealed class Verdicts
    {
        public long Accepted, Unknown, Dead;
    }

    public IReadOnlyDictionary<(string App, string Key), Entry> Entries => _entries;

    public long AcceptedSoFar => _verdicts.Values.Sum(v => Interlocked.Read(ref v.Accepted));

    public long UnknownSoFar => _verdicts.Values.Sum(v => Interlocked.Read(ref v.Unknown));

    public Verdicts Of(string app) => _verdicts.GetOrAdd(app, _ => new Verdicts());

    /// <summary>To be called before anything leaves: what is not written down cannot be missed.</summary>
    public void Ask(IEnumerable<SentEvent> events)
    {
        foreach (var sent in events)
            _entries.GetOrAdd((sent.App, sent.Key), _ => new Entry(sent)).Ask();
    }

    /// <summary>To be called before they are sent: retention may have taken them away again when the lake is looked at.</summary>
    public void MayExpire(IEnumerable<SentEvent> events)
    {
        foreach (var sent in events)
            _entries.GetOrAdd((sent.App, sent.Key), _ => new Entry(sent)).MayExpire = true;
    }

    public void Take(SentEvent sent, Answer answer)
    {
        _entries[(sent.App, sent.Key)].Take(answer);
        if (answer == Answer.Accepted)
            Interlocked.Increment(ref Of(sent.App).Accepted);
        else if (answer == Answer.Unknown)
            Interlocked.Increment(ref Of(sent.App).Unknown);
    }

    /// <summary>Events that were made to be unreadable, and must be booked as dead.</summary>
    public void ExpectDead(string app, long events)
    {
        Interlocked.Add(ref Of(app).Accepted, events);
        Interlocked.Add(ref Of(app).Dead, events);
    }

    /// <summary>A request was answered 200.</summary>
    public void Succeeded(long asked) => _successes.Enqueue((asked, Stopwatch.GetTimestamp()));

    /// <summary>When a request that was sent after a moment was first answered 200.</summary>
    public long? FirstSuccessAfter(long moment) => _successes.Where(s => s.Asked >= moment).Select(s => (long?)s.Answered).Min();
}
