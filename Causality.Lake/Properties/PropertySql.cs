using Causality.Lake.Ledger;

namespace Causality.Lake.Properties;

/// <summary>As what a question takes a property's values.</summary>
public enum PropertyForm
{
    /// <summary>The text of a string, number or flag; an object or list as JSON.</summary>
    Text,

    /// <summary>A DOUBLE; of a text what it reads as; NULL where that is no number.</summary>
    Number,

    /// <summary>A BOOLEAN; of a text what it reads as, true or false; NULL otherwise.</summary>
    Flag,
}

/// <summary>A property at the top of the payload that a question takes, and the name of the column that it becomes there.</summary>
public sealed record AskedProperty(string Name, PropertyForm Form, string As);

/// <summary>
/// Compiles access to properties of the payload to DuckDB's SQL: by a file's typed column where it has one, by the JSON where not. Both
/// give the same values.
/// </summary>
public static class PropertySql
{
    /// <summary>
    /// What stands behind FROM: rows of <paramref name="columns"/> and of the properties, over all files of a snapshot that has some.
    /// Files are grouped by the columns that they have for these properties, so that none is asked for one that it lacks.
    /// </summary>
    public static string Source(LakeSnapshot snapshot, IReadOnlyCollection<string> columns, IReadOnlyList<AskedProperty> properties)
    {
        var groups = snapshot.Files.Zip(snapshot.Typed)
            .GroupBy(f => string.Join('\n', properties.Select(p => f.Second[p.Name]?.ToString())))
            .Select(group => $"""
                SELECT {string.Join(", ", [.. columns, .. properties.Select(p => $"{Value(p.Name, p.Form, group.First().Second[p.Name])} AS {p.As}")])}
                FROM read_parquet({Files(group.Select(f => f.First))}, hive_partitioning = false)
                """);
        return $"({string.Join("\nUNION ALL\n", groups)})";
    }

    /// <summary>The expression that gives a property's value in a file that has <paramref name="typed"/> for it, or nothing.</summary>
    public static string Value(string property, PropertyForm form, TypedColumn? typed) => (form, typed?.Type) switch
    {
        (PropertyForm.Text, "VARCHAR") => typed!.Column,
        (PropertyForm.Text, "BIGINT" or "BOOLEAN") => $"CAST({typed!.Column} AS VARCHAR)",
        (PropertyForm.Text, _) => Json(property),   // of a DOUBLE too: 1.50 and 1.5 are one number and two texts
        (PropertyForm.Number, "DOUBLE") => typed!.Column,
        (PropertyForm.Number, "BIGINT") => $"CAST({typed!.Column} AS DOUBLE)",
        (PropertyForm.Number, "BOOLEAN") => "NULL::DOUBLE",
        (PropertyForm.Number, "VARCHAR") => $"TRY_CAST({typed!.Column} AS DOUBLE)",
        (PropertyForm.Number, _) => $"TRY_CAST({Json(property)} AS DOUBLE)",
        (_, "BOOLEAN") => typed!.Column,
        (_, "BIGINT" or "DOUBLE") => "NULL::BOOLEAN",
        (_, "VARCHAR") => Flag(typed!.Column),
        _ => Flag(Json(property)),
    };

    /// <summary>The property as text, out of the JSON. By a JSON pointer, which has no character that cannot be written.</summary>
    internal static string Json(string property) => $"json_extract_string(payload_json, {Pointer(property)})";

    internal static string Pointer(string property) =>
        Literal("/" + property.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));

    /// <summary>The list of files that <c>read_parquet</c> takes.</summary>
    public static string Files(IEnumerable<string> names) => $"[{string.Join(", ", names.Select(Literal))}]";

    /// <summary>A text as SQL. NUL is refused.</summary>
    public static string Literal(string text) => text.Contains('\0', StringComparison.Ordinal)
        ? throw new ArgumentException("SQL text cannot hold NUL.", nameof(text))
        : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Flag(string text) => $"CASE {text} WHEN 'true' THEN true WHEN 'false' THEN false END";
}
