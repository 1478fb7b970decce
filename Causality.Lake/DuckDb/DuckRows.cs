namespace Causality.Lake.DuckDb;

/// <summary>A result, read whole: answers of the product's questions are small. Values are long, double, bool, string or null.</summary>
public sealed class DuckRows
{
    private enum DuckType { Boolean = 1, TinyInt, SmallInt, Integer, BigInt, UTinyInt, USmallInt, UInteger, UBigInt, Float, Double, HugeInt = 16, Varchar, List = 24, Struct, Map }

    /// <summary>Stands for a list, struct or map, which are not read.</summary>
    public static readonly object Nested = new();

    private DuckRows(string[] columns, List<object?[]> rows) => (Columns, Rows) = (columns, rows);

    public IReadOnlyList<string> Columns { get; }

    public IReadOnlyList<object?[]> Rows { get; }

    internal static unsafe DuckRows Read(ResultStruct* result)
    {
        var columns = new string[(int)Native.duckdb_column_count(result)];
        var types = new DuckType[columns.Length];
        for (var c = 0; c < columns.Length; c++)
        {
            columns[c] = Native.Text(Native.duckdb_column_name(result, (ulong)c), "");
            types[c] = (DuckType)Native.duckdb_column_type(result, (ulong)c);
        }
        var rows = new List<object?[]>();
        while (Native.duckdb_fetch_chunk(*result) is var pointer && pointer != 0)
        {
            using var chunk = new ChunkHandle(pointer);
            var first = rows.Count;
            var count = (int)Native.duckdb_data_chunk_get_size(chunk);
            for (var r = 0; r < count; r++)
                rows.Add(new object?[columns.Length]);
            for (var c = 0; c < columns.Length; c++)
            {
                var vector = Native.duckdb_data_chunk_get_vector(chunk, (ulong)c);
                var data = Native.duckdb_vector_get_data(vector);
                var validity = Native.duckdb_vector_get_validity(vector);
                for (var r = 0; r < count; r++)
                    if (validity == null || (validity[r >> 6] & (1UL << (r & 63))) != 0)
                        rows[first + r][c] = Value(types[c], data, r, columns[c]);
            }
        }
        return new DuckRows(columns, rows);
    }

    private static unsafe object Value(DuckType type, void* data, int row, string column) => type switch
    {
        DuckType.Boolean => ((byte*)data)[row] != 0,
        DuckType.TinyInt => (long)((sbyte*)data)[row],
        DuckType.SmallInt => (long)((short*)data)[row],
        DuckType.Integer => (long)((int*)data)[row],
        DuckType.BigInt => ((long*)data)[row],
        DuckType.UTinyInt => (long)((byte*)data)[row],
        DuckType.USmallInt => (long)((ushort*)data)[row],
        DuckType.UInteger => (long)((uint*)data)[row],
        DuckType.UBigInt => checked((long)((ulong*)data)[row]),
        DuckType.HugeInt => checked((long)((Int128*)data)[row]),   // sum() of a BIGINT; the layout is the same
        DuckType.Float => (double)((float*)data)[row],
        DuckType.Double => ((double*)data)[row],
        DuckType.List or DuckType.Struct or DuckType.Map => Nested,
        DuckType.Varchar => Text((StringStruct*)data + row),
        _ => throw new DuckException($"Column {column} has DuckDB type {(int)type}, which is not read here: cast it in the query."),
    };

    private static unsafe string Text(StringStruct* text) =>
        System.Text.Encoding.UTF8.GetString(text->Length <= StringStruct.InlineBytes ? text->Inline : text->Pointer, (int)text->Length);
}
