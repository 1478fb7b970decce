using System.Runtime.InteropServices;

namespace Causality.Lake.DuckDb;

/// <summary>The part of DuckDB's C API that the lake uses (https://duckdb.org/docs/stable/clients/c/api), names as there.</summary>
internal static unsafe partial class Native
{
    public const string Library = "duckdb";
    public const int Success = 0;
    public const int InterruptError = 29;

    static Native() => DuckLibrary.Register();

    [LibraryImport(Library)] public static partial nint duckdb_library_version();
    [LibraryImport(Library)] public static partial void duckdb_free(nint pointer);
    [LibraryImport(Library)] public static partial nuint duckdb_vector_size();

    [LibraryImport(Library)] public static partial int duckdb_create_config(out ConfigHandle config);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial int duckdb_set_config(ConfigHandle config, string name, string value);
    [LibraryImport(Library)] public static partial void duckdb_destroy_config(ref nint config);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial int duckdb_open_ext(string? path, out DatabaseHandle database, ConfigHandle config, out nint error);
    [LibraryImport(Library)] public static partial void duckdb_close(ref nint database);

    [LibraryImport(Library)] public static partial int duckdb_connect(DatabaseHandle database, out ConnectionHandle connection);
    [LibraryImport(Library)] public static partial void duckdb_disconnect(ref nint connection);
    [LibraryImport(Library)] public static partial void duckdb_interrupt(ConnectionHandle connection);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial int duckdb_prepare(ConnectionHandle connection, string sql, out StatementHandle statement);
    [LibraryImport(Library)] public static partial nint duckdb_prepare_error(StatementHandle statement);
    [LibraryImport(Library)] public static partial void duckdb_destroy_prepare(ref nint statement);
    [LibraryImport(Library)] public static partial int duckdb_bind_null(StatementHandle statement, ulong index);
    [LibraryImport(Library)] public static partial int duckdb_bind_int64(StatementHandle statement, ulong index, long value);
    [LibraryImport(Library)] public static partial int duckdb_bind_double(StatementHandle statement, ulong index, double value);
    [LibraryImport(Library)] public static partial int duckdb_bind_boolean(StatementHandle statement, ulong index, [MarshalAs(UnmanagedType.U1)] bool value);
    [LibraryImport(Library)] public static partial int duckdb_bind_varchar_length(StatementHandle statement, ulong index, byte* value, ulong length);
    [LibraryImport(Library)] public static partial int duckdb_execute_prepared(StatementHandle statement, ResultStruct* result);

    [LibraryImport(Library)] public static partial void duckdb_destroy_result(ResultStruct* result);
    [LibraryImport(Library)] public static partial nint duckdb_result_error(ResultStruct* result);
    [LibraryImport(Library)] public static partial int duckdb_result_error_type(ResultStruct* result);
    [LibraryImport(Library)] public static partial ulong duckdb_column_count(ResultStruct* result);
    [LibraryImport(Library)] public static partial nint duckdb_column_name(ResultStruct* result, ulong column);
    [LibraryImport(Library)] public static partial int duckdb_column_type(ResultStruct* result, ulong column);
    [LibraryImport(Library)] public static partial nint duckdb_fetch_chunk(ResultStruct result);

    [LibraryImport(Library)] public static partial nint duckdb_create_data_chunk(nint* types, ulong columns);
    [LibraryImport(Library)] public static partial void duckdb_destroy_data_chunk(ref nint chunk);
    [LibraryImport(Library)] public static partial void duckdb_data_chunk_reset(ChunkHandle chunk);
    [LibraryImport(Library)] public static partial ulong duckdb_data_chunk_get_size(ChunkHandle chunk);
    [LibraryImport(Library)] public static partial void duckdb_data_chunk_set_size(ChunkHandle chunk, ulong rows);
    [LibraryImport(Library)] public static partial nint duckdb_data_chunk_get_vector(ChunkHandle chunk, ulong column);
    [LibraryImport(Library)] public static partial void* duckdb_vector_get_data(nint vector);
    [LibraryImport(Library)] public static partial ulong* duckdb_vector_get_validity(nint vector);
    [LibraryImport(Library)] public static partial void duckdb_vector_ensure_validity_writable(nint vector);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial int duckdb_appender_create(ConnectionHandle connection, string? schema, string table, out AppenderHandle appender);
    [LibraryImport(Library)] public static partial nint duckdb_appender_error(AppenderHandle appender);
    [LibraryImport(Library)] public static partial ulong duckdb_appender_column_count(AppenderHandle appender);
    [LibraryImport(Library)] public static partial TypeHandle duckdb_appender_column_type(AppenderHandle appender, ulong column);
    [LibraryImport(Library)] public static partial int duckdb_append_data_chunk(AppenderHandle appender, ChunkHandle chunk);
    [LibraryImport(Library)] public static partial int duckdb_appender_close(AppenderHandle appender);
    [LibraryImport(Library)] public static partial int duckdb_appender_destroy(ref nint appender);
    [LibraryImport(Library)] public static partial void duckdb_destroy_logical_type(ref nint type);

    public static string Text(nint utf8, string otherwise) => Marshal.PtrToStringUTF8(utf8) ?? otherwise;
}

/// <summary>duckdb_result, which the library fills; only its address matters here.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ResultStruct
{
    public ulong DeprecatedColumns, DeprecatedRows, DeprecatedRowsChanged;
    public nint DeprecatedColumnData, DeprecatedError, Internal;
}

/// <summary>duckdb_string_t: up to 12 bytes in place, longer text by prefix and pointer.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal unsafe struct StringStruct
{
    public const int InlineBytes = 12;

    [FieldOffset(0)] public uint Length;
    [FieldOffset(4)] public fixed byte Inline[InlineBytes];
    [FieldOffset(4)] public uint Prefix;
    [FieldOffset(8)] public byte* Pointer;
}

internal abstract class DuckHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;
}

internal sealed class ConfigHandle : DuckHandle
{
    protected override bool ReleaseHandle() { Native.duckdb_destroy_config(ref handle); return true; }
}

internal sealed class DatabaseHandle : DuckHandle
{
    protected override bool ReleaseHandle() { Native.duckdb_close(ref handle); return true; }
}

internal sealed class ConnectionHandle : DuckHandle
{
    protected override bool ReleaseHandle() { Native.duckdb_disconnect(ref handle); return true; }
}

internal sealed class StatementHandle : DuckHandle
{
    protected override bool ReleaseHandle() { Native.duckdb_destroy_prepare(ref handle); return true; }
}

internal sealed class AppenderHandle : DuckHandle
{
    protected override bool ReleaseHandle() => Native.duckdb_appender_destroy(ref handle) == Native.Success;
}

internal sealed class TypeHandle : DuckHandle
{
    protected override bool ReleaseHandle() { Native.duckdb_destroy_logical_type(ref handle); return true; }
}

internal sealed class ChunkHandle : DuckHandle
{
    public ChunkHandle(nint chunk) => SetHandle(chunk);

    protected override bool ReleaseHandle() { Native.duckdb_destroy_data_chunk(ref handle); return true; }
}
