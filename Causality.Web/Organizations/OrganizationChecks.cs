using Causality.Http;
using FluentValidation;

namespace Causality.Web.Organizations;

/// <summary>What requests about organizations have in common.</summary>
internal static class OrganizationChecks
{
    public const int MaxName = 80;

    /// <summary>1 to 80 characters without spaces around them, none of them a control character.</summary>
    public static IRuleBuilderOptions<T, string> MustBeAName<T>(this IRuleBuilder<T, string> rule) =>
        rule.Must(name => name?.Trim() is { Length: > 0 and <= MaxName } text && !text.Any(char.IsControl)).WithMessage("must be 1 to 80 characters, without line breaks");

    public static IRuleBuilderOptions<T, string> MustBeARole<T>(this IRuleBuilder<T, string> rule) =>
        rule.Must(role => RoleNames.Parse(role) is not null).WithMessage("must be viewer, editor or admin");

    public static IRuleBuilderOptions<T, string> MustBeAToken<T>(this IRuleBuilder<T, string> rule) =>
        rule.Must(token => token is { Length: > 0 and <= 100 }).WithMessage("must be the token of an invitation's link");
}
