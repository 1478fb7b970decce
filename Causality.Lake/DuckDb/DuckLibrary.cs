using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Causality.Lake.DuckDb;

/// <summary>
/// Finds the DuckDB library: the file that <c>CAUSALITY_DUCKDB</c> names, or <c>artifacts/duckdb/&lt;rid&gt;/</c> in the program's
/// folder or one above it, where <c>./causality</c> puts it.
/// </summary>
public static class DuckLibrary
{
    /// <summary>The version whose behavior was tested; another one is refused at start.</summary>
    public const string ExpectedVersion = "v1.5.5";

    private static readonly Lazy<string> Found = new(Find);

    internal static void Register() =>
        NativeLibrary.SetDllImportResolver(typeof(DuckLibrary).Assembly, (name, _, _) => name == Native.Library ? NativeLibrary.Load(Found.Value) : 0);

    /// <summary>Loads the library and checks its version; a program that needs it calls this at start.</summary>
    public static void Check()
    {
        var version = Native.Text(Native.duckdb_library_version(), "unknown");
        if (version != ExpectedVersion)
            throw new DuckException($"{Found.Value} is DuckDB {version}; this program is tested with {ExpectedVersion}. Run ./causality up, which installs it.");
    }

    private static string Find()
    {
        var file = OperatingSystem.IsWindows() ? "duckdb.dll" : OperatingSystem.IsMacOS() ? "libduckdb.dylib" : "libduckdb.so";
        if (Environment.GetEnvironmentVariable("CAUSALITY_DUCKDB") is { Length: > 0 } named)
            return File.Exists(named) ? named : throw new DuckException($"CAUSALITY_DUCKDB names {named}, which does not exist.");
        var os = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        var rid = $"{os}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "artifacts", "duckdb", rid, file) is var candidate && File.Exists(candidate))
                return candidate;
        throw new DuckException($"{file} was not found in artifacts/duckdb/{rid} above {AppContext.BaseDirectory}. Run ./causality up, which installs it, or set CAUSALITY_DUCKDB to the file.");
    }
}

/// <summary>DuckDB refused or failed; the message is its own.</summary>
public sealed class DuckException(string message, int kind = 0) : Exception(message)
{
    // duckdb_error_type: the kinds that speak of values
    private const int OutOfRange = 1, Conversion = 2, Decimal = 4, MismatchType = 5, ObjectSize = 7, InvalidType = 8, InvalidInput = 32;

    /// <summary>True when the data is at fault. All else, and what DuckDB does not name, may be disk, memory or the engine itself.</summary>
    public bool IsOfData => kind is OutOfRange or Conversion or Decimal or MismatchType or ObjectSize or InvalidType or InvalidInput;

    internal bool IsInterrupt => kind == Native.InterruptError;
}
