using System.Globalization;

namespace Causality.Contracts.Events;

/// <summary>
/// How many events of which app were received in which hour: what a message claims to carry. <paramref name="Run"/> names the run of
/// the host that published it. As text: <c>run;app,hour,events;app,hour,events</c>, the hour counted from 1970 in UTC.
/// </summary>
public sealed record EventCounts(Guid Run, IReadOnlyList<AppHourCount> Rows)
{
    public static EventCounts None { get; } = new(Guid.Empty, []);

    public override string ToString() =>
        string.Join(';', Rows.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.AppId},{r.Hour},{r.Events}")).Prepend(Run.ToString("N")));

    public static EventCounts Parse(string? text)
    {
        var parts = (text ?? "").Split(';');
        if (!Guid.TryParseExact(parts[0], "N", out var run))
            return None;
        var rows = new List<AppHourCount>(parts.Length - 1);
        foreach (var part in parts.AsSpan(1))
        {
            // what anybody may have written into a header goes into the database: nothing that it would refuse comes through
            if (part.Split(',') is not [var app, var hour, var events] || !AppId.IsValid(app)
                || !int.TryParse(hour, NumberStyles.None, CultureInfo.InvariantCulture, out var h)
                || !int.TryParse(events, NumberStyles.None, CultureInfo.InvariantCulture, out var n))
                return None;
            rows.Add(new AppHourCount(app, h, n));
        }
        return new EventCounts(run, rows);
    }
}

/// <summary>Events of one app received in one hour (hours since 1970, UTC).</summary>
public readonly record struct AppHourCount(string AppId, int Hour, int Events);
