using System.Reflection;
using System.Runtime.InteropServices;

namespace Causality.Ingest.Receiving;

/// <summary>Decompresses Zstandard with the system's libzstd (1.4 or later). Frames that ask for a window above 8 MB are refused, as RFC 9659 has it.</summary>
internal sealed unsafe partial class ZstdStream : IDisposable
{
    private const string Library = "libzstd";
    private const int WindowLogMax = 100;
    private const int WindowLog8Megabytes = 23;

    private static readonly string[] Names = OperatingSystem.IsWindows() ? ["libzstd.dll", "zstd.dll"]
        : OperatingSystem.IsMacOS() ? ["libzstd.1.dylib", "/opt/homebrew/lib/libzstd.1.dylib", "/usr/local/lib/libzstd.1.dylib"]
        : ["libzstd.so.1", "libzstd.so"];

    private static readonly nint Handle = Load();
    private nint _stream;

    static ZstdStream() => NativeLibrary.SetDllImportResolver(typeof(ZstdStream).Assembly, (name, _, _) => name == Library ? Handle : 0);

    public ZstdStream()
    {
        _stream = ZSTD_createDStream();
        if (_stream == 0)
            throw new InvalidOperationException("libzstd has no memory for a decoder.");
        _ = ZSTD_DCtx_setParameter(_stream, WindowLogMax, WindowLog8Megabytes);
    }

    /// <summary>Whether the library is installed.</summary>
    public static bool IsAvailable => Handle != 0;

    /// <summary>One step. False when the input is not Zstandard; <paramref name="frameEnded"/> when a frame is complete and flushed.</summary>
    public bool Decompress(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written, out bool frameEnded)
    {
        fixed (byte* source = input)
        fixed (byte* destination = output)
        {
            var from = new Buffer { Bytes = source, Size = (nuint)input.Length };
            var to = new Buffer { Bytes = destination, Size = (nuint)output.Length };
            var left = ZSTD_decompressStream(_stream, ref to, ref from);
            (consumed, written, frameEnded) = ((int)from.Position, (int)to.Position, left == 0);
            return ZSTD_isError(left) == 0;
        }
    }

    public void Dispose()
    {
        if (_stream != 0)
            _ = ZSTD_freeDStream(_stream);
        _stream = 0;
    }

    private static nint Load()
    {
        foreach (var name in Names)
            if (NativeLibrary.TryLoad(name, Assembly.GetExecutingAssembly(), null, out var handle))
                return handle;
        return 0;
    }

    // ZSTD_inBuffer and ZSTD_outBuffer, which have one layout
    [StructLayout(LayoutKind.Sequential)]
    private struct Buffer
    {
        public byte* Bytes;
        public nuint Size;
        public nuint Position;
    }

    [LibraryImport(Library)]
    private static partial nint ZSTD_createDStream();

    [LibraryImport(Library)]
    private static partial nuint ZSTD_freeDStream(nint stream);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_DCtx_setParameter(nint stream, int parameter, int value);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_decompressStream(nint stream, ref Buffer output, ref Buffer input);

    [LibraryImport(Library)]
    private static partial uint ZSTD_isError(nuint code);
}
