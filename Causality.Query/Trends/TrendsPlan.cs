using System.Globalization;
using Causality.Contracts;
using Causality.Contracts.Events;
using Causality.Http;
using Causality.Query.Catalog;
using FluentValidation;

namespace Causality.Query.Trends;

/// <summary>One line of the chart: the events of one type.</summary>
public sealed record TrendsSeries(string EventType);

/// <summary>The question: how many events of each type in each bucket of the range, optionally split by the values of a column or a property.</summary>
/// <param name="AppId">Whose events.</param>
/// <param name="Series">1 to 26 event types.</param>
/// <param name="From">A date (midnight of the zone) or an instant (RFC 3339).</param>
/// <param name="To">The same; excluded.</param>
/// <param name="Interval">hour, day, week (from Monday) or month.</param>
/// <param name="Breakdown">A column of the table events, or <c>payload.</c> and the name of a property at the top of the payload.</param>
/// <param name="TimeZone">IANA name; UTC when absent.</param>
public sealed record TrendsPlan(string AppId, IReadOnlyList<TrendsSeries> Series, string From, string To, Interval Interval, string? Breakdown = null, string? TimeZone = null) : IOfApp
{
    internal const int MostBuckets = 5_000;

    /// <summary>Points of one answer: series by values by buckets.</summary>
    internal const int MostPoints = 200_000;

    /// <summary>The property that it is split by; null where that is a column, or nothing.</summary>
    internal string? BreakdownProperty => Breakdown?.StartsWith(PropertyName.Prefix, StringComparison.Ordinal) == true ? Breakdown[PropertyName.Prefix.Length..] : null;

    private const int FirstYear = 1970, LastYear = 9999;

    internal TimeZoneInfo Zone => TimeZoneInfo.FindSystemTimeZoneById(TimeZone is { Length: > 0 } zone ? zone : "UTC");

    internal DateTimeOffset Start => Moment(From, Zone)!.Value;

    internal DateTimeOffset End => Moment(To, Zone)!.Value;

    internal Buckets? Buckets => Trends.Buckets.Of(Start, End, Interval, Zone, MostBuckets);

    internal static DateTimeOffset? Moment(string? text, TimeZoneInfo zone) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day.Year is >= FirstYear and < LastYear ? Trends.Buckets.StartOf(day, zone) : null
        : HasOffset(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant) && instant.Year is >= FirstYear and < LastYear ? instant : null;

    // without an offset the instant would silently be taken in the server's zone
    private static bool HasOffset(string? text) => text is { Length: >= 17 } && text[10] is 'T' or 't' && text.AsSpan(11).IndexOfAny("Zz+-") > 0;
}

internal sealed class TrendsChecks : AbstractValidator<TrendsPlan>
{
    public TrendsChecks()
    {
        RuleFor(p => p.AppId).Must(id => AppId.IsValid(id)).WithMessage("must be the id of an app");
        RuleFor(p => p.Series).Must(s => s is { Count: >= 1 and <= 26 }).WithMessage("must hold 1 to 26 event types");
        RuleForEach(p => p.Series).Must(s => !string.IsNullOrEmpty(s?.EventType)).WithMessage("must name an event_type");
        RuleFor(p => p.Interval).IsInEnum().WithMessage("must be hour, day, week or month");
        RuleFor(p => p.TimeZone).Must(KnownZone).WithMessage(p => $"'{p.TimeZone}' is not an IANA time zone such as Europe/Berlin");
        RuleFor(p => p.Breakdown).Must((p, b) => b is null || (p.BreakdownProperty is { } property ? PropertyName.IsValid(property) : EventColumns.Find(b) is not null))
            .WithMessage(p => $"'{p.Breakdown}' is neither a column of the table events nor {PropertyName.Prefix} and the name of a property");
        When(p => KnownZone(p.TimeZone), () =>
        {
            RuleFor(p => p.From).Must(Moment).WithMessage("must be a date (2026-01-31) or an instant with its offset (2026-01-31T08:00:00Z), from 1970 on");
            RuleFor(p => p.To).Must(Moment).WithMessage("must be a date (2026-01-31) or an instant with its offset (2026-01-31T08:00:00Z), from 1970 on");
            When(p => Moment(p, p.From) && Moment(p, p.To), () =>
            {
                RuleFor(p => p.To).Must((p, _) => p.Start < p.End).WithMessage("must be after from");
                When(p => p.Start < p.End && Enum.IsDefined(p.Interval), () =>
                    RuleFor(p => p.Interval).Must((p, _) => p.Buckets is not null).WithMessage($"gives more than {TrendsPlan.MostBuckets} buckets in this range; take a wider interval or a shorter range")
                        .Must((p, _) => p.Series is null || p.Buckets is not { } buckets || p.Series.Count * (p.Breakdown is null ? 1L : TrendsSql.MostValues + 1) * buckets.Starts.Count <= TrendsPlan.MostPoints)
                        .WithMessage($"gives more than {TrendsPlan.MostPoints} points; take fewer series, no breakdown, a wider interval or a shorter range"));
            });
        });
    }

    private static bool KnownZone(string? zone) => string.IsNullOrEmpty(zone) || TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _);

    private static bool Moment(TrendsPlan plan, string? text) => TrendsPlan.Moment(text, plan.Zone) is not null;
}
