using Causality.Contracts;

namespace Causality.Query.Catalog;

/// <summary>
/// The name of a property at the top of the payload, whole, dots included. Among columns it begins with <c>payload.</c>
/// </summary>
internal static class PropertyName
{
    public const string Prefix = "payload.";

    public const int Longest = 512;

    public const string Rule = "must be the name of a property, of 1 to 512 characters";

    public static bool IsValid(string? name) => name is { Length: >= 1 and <= Longest } && !name.Contains('\0', StringComparison.Ordinal);

    /// <summary>The one that a question's address names.</summary>
    public static string Of(string? name) =>
        IsValid(name) ? name! : throw new RefusedException("property-invalid", $"The address must name a property: ?property= {Rule}.", 400);
}
