using Causality.Contracts.Events;

namespace Causality.Sink.DeadLetters;

/// <summary>What of a message cannot be stored, and why.</summary>
/// <param name="AppId">Whose events they are; null where they are of several apps, or nobody's.</param>
/// <param name="Reason">One of few, by which people group letters.</param>
/// <param name="Body">The bytes as they came: a batch of accepted.proto, as far as it can be read.</param>
/// <param name="Counts">What the books hold for the letter.</param>
/// <param name="Detail">What of the reason differs from letter to letter.</param>
internal sealed record DeadLetter(Guid MessageId, string? AppId, long Events, string Reason, ReadOnlyMemory<byte> Body, EventCounts Counts, string? Detail = null)
{
    /// <summary>A whole message, counted as it claims; one that claims nothing counts as an event of nobody.</summary>
    public static DeadLetter Whole(Guid messageId, EventsAccepted message, string reason, string? detail = null) =>
        new(messageId, OnlyApp(message.Counts.Rows), message.Counts.Rows.Count == 0 ? 1 : message.Counts.Rows.Sum(r => (long)r.Events), reason, message.Batch, message.Counts, detail);

    public static string? OnlyApp(IEnumerable<AppHourCount> rows) => rows.Select(r => r.AppId).Distinct().ToList() is [var only] ? only : null;

    /// <summary>How the letter stands in the books. Without any claim it is nobody's; never more than its events, which older letters claim.</summary>
    public static IReadOnlyList<AppHourCount> Booked(EventCounts counts, long events)
    {
        if (counts.Rows.Count == 0)
            return counts.Run == Guid.Empty ? [new AppHourCount("", 0, (int)events)] : [];
        var booked = new List<AppHourCount>(counts.Rows.Count);
        foreach (var row in counts.Rows)
        {
            var taken = (int)Math.Min(row.Events, events);
            if (taken > 0)
                booked.Add(row with { Events = taken });
            events -= taken;
        }
        return booked;
    }

    /// <summary>What the books hold no longer, after a letter has become smaller.</summary>
    public static IReadOnlyList<AppHourCount> Difference(IReadOnlyList<AppHourCount> before, IReadOnlyList<AppHourCount> after)
    {
        var left = after.ToLookup(r => (r.AppId, r.Hour), r => r.Events);
        return [.. before.GroupBy(r => (r.AppId, r.Hour)).Select(g => new AppHourCount(g.Key.AppId, g.Key.Hour, g.Sum(r => r.Events) - left[g.Key].Sum())).Where(r => r.Events > 0)];
    }
}
