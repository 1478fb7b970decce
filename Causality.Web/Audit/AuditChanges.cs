using System.Text.Json;
using System.Text.Json.Serialization;
using Causality.Http;

namespace Causality.Web.Audit;

/// <summary>
/// What a fact changed, read from its JSON: the members of <c>before</c> and <c>after</c> that differ, and every other member as a new
/// value. Hashes of secrets are left out.
/// </summary>
internal static class AuditChanges
{
    internal static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static IReadOnlyList<AuditChange> Of(string fact)
    {
        using var document = JsonDocument.Parse(fact);
        var (before, after) = (Members(document.RootElement, "before"), Members(document.RootElement, "after"));
        return
        [
            .. document.RootElement.EnumerateObject().Where(m => m.Name is not ("before" or "after") && !IsSecret(m.Name) && Text(m.Value) is not null)
                .Select(m => new AuditChange(m.Name, null, Text(m.Value))),
            .. before.Keys.Union(after.Keys).Select(field => new AuditChange(field, before.GetValueOrDefault(field), after.GetValueOrDefault(field)))
                .Where(change => change.Old != change.New && !IsSecret(change.Field)),
        ];
    }

    private static Dictionary<string, string?> Members(JsonElement fact, string name) =>
        fact.TryGetProperty(name, out var side) && side.ValueKind == JsonValueKind.Object
            ? side.EnumerateObject().ToDictionary(m => m.Name, m => Text(m.Value)) : [];

    private static bool IsSecret(string field) => field.EndsWith("hash", StringComparison.Ordinal);

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Text)),
        _ => value.GetRawText(),
    };
}
