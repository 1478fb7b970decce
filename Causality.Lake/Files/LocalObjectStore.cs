using System.Runtime.InteropServices;

namespace Causality.Lake.Files;

/// <summary>Objects as files below one folder. A second name is a hard link; what must last is fsynced, file and folders both.</summary>
public sealed class LocalObjectStore : IObjectStore
{
    private readonly string _root;

    public LocalObjectStore(string root)
    {
        _root = Path.GetFullPath(root);
        Directory.CreateDirectory(_root);
    }

    public string Stage(string prefix)
    {
        var folder = Locate(prefix);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        return folder;
    }

    public Task Seal(IReadOnlyCollection<string> paths, CancellationToken ct) => Task.Run(() =>
    {
        foreach (var path in paths)
        {
            ct.ThrowIfCancellationRequested();
            Posix.Sync(Locate(path));
        }
        SyncFoldersOf(paths);
    }, ct);

    public Task Copy(IReadOnlyCollection<(string From, string To)> names, CancellationToken ct) => Task.Run(() =>
    {
        foreach (var (from, to) in names)
        {
            ct.ThrowIfCancellationRequested();
            Directory.CreateDirectory(Path.GetDirectoryName(Locate(to))!);
            Posix.Link(Locate(from), Locate(to));
        }
        SyncFoldersOf(names.Select(n => n.To));
    }, ct);

    public Task Delete(IReadOnlyCollection<string> paths, CancellationToken ct) => Task.Run(() =>
    {
        foreach (var path in paths)
        {
            ct.ThrowIfCancellationRequested();
            if (File.Exists(Locate(path)))
                File.Delete(Locate(path));
        }
    }, ct);

    public Task DeleteAll(string prefix, CancellationToken ct) => Task.Run(() =>
    {
        if (Locate(prefix) is var folder && Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }, ct);

    public Task<IReadOnlyList<string>> List(string prefix, CancellationToken ct) => Task.FromResult<IReadOnlyList<string>>(
        Locate(prefix) is var folder && Directory.Exists(folder) ? [.. Directory.EnumerateFileSystemEntries(folder).Select(e => Path.GetFileName(e)!)] : []);

    public Task<ReadableFiles> Open(IReadOnlyCollection<string> paths, CancellationToken ct) => Task.FromResult(new ReadableFiles([.. paths.Select(Locate)]));

    public async Task Check(CancellationToken ct)
    {
        var probe = Locate($".probe-{Guid.CreateVersion7():N}");
        await File.WriteAllBytesAsync(probe, [1], ct);
        File.Delete(probe);
    }

    private string Locate(string path) => Path.Combine(_root, path);

    /// <summary>A file's name lasts only when every folder on the way to it does; parents are synced once however many files share them.</summary>
    private void SyncFoldersOf(IEnumerable<string> paths)
    {
        var folders = new HashSet<string>();
        foreach (var path in paths)
            for (var folder = Path.GetDirectoryName(path); !string.IsNullOrEmpty(folder) && folders.Add(folder); folder = Path.GetDirectoryName(folder))
            {
            }
        foreach (var folder in folders.OrderByDescending(f => f.Length))
            Posix.Sync(Locate(folder));
        Posix.Sync(_root);
    }
}

/// <summary>The two calls that .NET does not offer: fsync of a folder, and a hard link.</summary>
internal static partial class Posix
{
    private const int FileExists = 17;

    public static void Sync(string path)
    {
        if (OperatingSystem.IsWindows())
            return;   // NTFS journals names; file data is flushed by the engine's close
        var descriptor = Open(path, 0);
        if (descriptor < 0)
            throw new IOException($"{path} could not be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            if (Fsync(descriptor) != 0)
                throw new IOException($"{path} could not be made durable: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    public static void Link(string from, string to)
    {
        if (OperatingSystem.IsWindows())
            File.Copy(from, to, overwrite: true);
        else if (HardLink(from, to) != 0 && Marshal.GetLastPInvokeError() != FileExists)
            throw new IOException($"{to} could not be linked to {from}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int HardLink(string from, string to);
}
