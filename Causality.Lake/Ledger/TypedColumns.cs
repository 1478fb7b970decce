using System.Text.Json;

namespace Causality.Lake.Ledger;

/// <summary>A column that a file has for one property of the payload. <paramref name="Type"/> is VARCHAR, BIGINT, DOUBLE or BOOLEAN.</summary>
public sealed record TypedColumn(string Column, string Type);

/// <summary>
/// Which properties have a column in a file, and which were looked at and have none, since some value of the file does not fit. Kept
/// with the file in the ledger: <c>{"plan": {"column": "p_plan", "type": "VARCHAR"}, "size": null}</c>.
/// </summary>
public sealed class TypedColumns(IReadOnlyDictionary<string, TypedColumn?> byProperty)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static TypedColumns None { get; } = new(new Dictionary<string, TypedColumn?>());

    /// <summary>The column of a property; null where it has none.</summary>
    public TypedColumn? this[string property] => byProperty.GetValueOrDefault(property);

    public bool Knows(string property) => byProperty.ContainsKey(property);

    public IEnumerable<string> Properties => byProperty.Keys;

    public string ToJson() => JsonSerializer.Serialize(byProperty, Json);

    public static TypedColumns Parse(string json) =>
        json == "{}" ? None : new(JsonSerializer.Deserialize<Dictionary<string, TypedColumn?>>(json, Json)!);
}
