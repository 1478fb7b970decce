using Causality.Ingest.Enrichment;
using FluentValidation;

namespace Causality.Ingest.Apps;

/// <summary>What values the settings may have; null passes, since it means that a field is not given.</summary>
internal static class SettingRules
{
    public const int MostRetentionDays = 36_500;
    private const int LongestName = 80;

    // names that the operating system's files of zones have beside those of IANA, and that no browser knows
    private static readonly string[] NoZones = ["localtime", "posixrules", "Factory"];

    /// <summary>A name that people gave to an app or a key.</summary>
    public static IRuleBuilderOptions<T, string?> MustBeName<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(name => name is null || (name.Trim().Length is > 0 and <= LongestName && !name.Any(char.IsControl)))
            .WithMessage($"must have 1 to {LongestName} characters, none of them a line break or another control character");

    public static IRuleBuilderOptions<T, string?> MustBeTimeZone<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(zone => zone is null || Zone(zone) is not null).WithMessage("must be a time zone's IANA name, such as Europe/Berlin or UTC");

    public static IRuleBuilderOptionsConditions<T, IReadOnlyList<string>?> MustBeOrigins<T>(this IRuleBuilder<T, IReadOnlyList<string>?> rule) =>
        rule.Custom((origins, context) =>
        {
            if (origins?.Count > AllowedOrigin.Most)
                context.AddFailure($"must be at most {AllowedOrigin.Most} origins");
            foreach (var origin in origins ?? [])
                if (AllowedOrigin.Read(origin).Problem is { } problem)
                    context.AddFailure($"\"{origin}\" {problem}");
        });

    public static IRuleBuilderOptionsConditions<T, IReadOnlyList<string>?> MustBePropertyNames<T>(this IRuleBuilder<T, IReadOnlyList<string>?> rule) =>
        rule.Custom((names, context) =>
        {
            if (names?.Count > DeniedProperties.Most)
                context.AddFailure($"must be at most {DeniedProperties.Most} names");
            foreach (var name in names ?? [])
                if (name?.Trim().Length is not (> 0 and <= DeniedProperties.LongestName) || name.Any(char.IsControl))
                    context.AddFailure($"\"{name}\" must have 1 to {DeniedProperties.LongestName} characters, none of them a line break or another control character");
        });

    /// <summary>The name of the zone as IANA writes it; null where there is none of this name. It is looked for as a file, for which <c>//</c> is the same as <c>/</c>.</summary>
    public static string? Zone(string name) =>
        !name.Contains("//", StringComparison.Ordinal) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId && !NoZones.Contains(zone.Id)
        && !zone.Id.StartsWith("posix/", StringComparison.Ordinal) && !zone.Id.StartsWith("right/", StringComparison.Ordinal) ? zone.Id : null;
}
