using System.Runtime.InteropServices;

namespace Causality.Ingest.Spooling;

/// <summary>
/// A host's own folder below the one that all hosts of a machine share. It is locked for as long as its process lives, and by the operating
/// system, so that no death leaves the lock behind. What lies in a folder whose host is gone is taken over by the first that looks.
/// </summary>
internal sealed partial class SpoolFolder : IDisposable
{
    private const string LockName = "lock";
    private const int Attempts = 3;

    // a folder that is so old and has no lock is of a host that died before it made one
    private static readonly TimeSpan TimeToLock = TimeSpan.FromMinutes(1);
    private readonly string _root;
    private readonly FileStream _lock;

    private SpoolFolder(string root, string path, FileStream locked) => (_root, Path, _lock) = (root, path, locked);

    public string Path { get; }

    /// <summary>Makes a folder and locks it. Throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> when the disk does not let it.</summary>
    public static SpoolFolder Open(string root)
    {
        Directory.CreateDirectory(root);
        for (var attempt = 1; ; attempt++)
        {
            var path = System.IO.Path.Combine(root, $"{Guid.CreateVersion7():N}");
            Directory.CreateDirectory(path);
            // another host may have taken the new folder for one whose host is gone, in the instant before it was locked
            if (Lock(path, FileMode.CreateNew) is { } locked)
            {
                if (File.Exists(System.IO.Path.Combine(path, LockName)))
                {
                    Sync(root);
                    return new SpoolFolder(root, path, locked);
                }
                locked.Dispose();
            }
            if (attempt == Attempts)
                throw new IOException($"{path} cannot be locked.");
        }
    }

    /// <summary>Moves the segments of hosts that are gone into this folder, and answers where they are now.</summary>
    public IReadOnlyList<string> TakeOver(DateTimeOffset now)
    {
        var taken = new List<string>();
        foreach (var other in Directory.EnumerateDirectories(_root).Where(other => other != Path).Order(StringComparer.Ordinal).ToList())
        {
            if (!Guid.TryParseExact(System.IO.Path.GetFileName(other), "N", out var id))
                continue;
            using var locked = Lock(other, SpoolRecord.TimeOf(id) < now - TimeToLock ? FileMode.OpenOrCreate : FileMode.Open);
            if (locked is null)
                continue;
            foreach (var segment in Directory.EnumerateFiles(other, "*" + SpoolSegment.Ending).Order(StringComparer.Ordinal).ToList())
            {
                var here = System.IO.Path.Combine(Path, System.IO.Path.GetFileName(segment));
                if (File.Exists(SpoolSegment.PositionOf(segment)))
                    File.Move(SpoolSegment.PositionOf(segment), SpoolSegment.PositionOf(here), overwrite: true);
                File.Move(segment, here);
                taken.Add(here);
            }
            Sync(Path);
            Sync(other);
            Remove(other);
        }
        return taken;
    }

    /// <summary>Puts a segment that is damaged beside all spools, for people to look at; answers where.</summary>
    public string KeepAside(SpoolSegment segment)
    {
        var folder = System.IO.Path.Combine(_root, "damaged");
        Directory.CreateDirectory(folder);
        var path = System.IO.Path.Combine(folder, System.IO.Path.GetFileName(segment.Path));
        File.Move(segment.Path, path, overwrite: true);
        Sync(folder);
        return path;
    }

    /// <summary>Makes the names in it durable: of segments that were made, and that were removed.</summary>
    public void Sync() => Sync(Path);

    public void Dispose()
    {
        if (Directory.Exists(Path) && !Directory.EnumerateFiles(Path, "*" + SpoolSegment.Ending).Any())
            Remove(Path);
        _lock.Dispose();
    }

    private static FileStream? Lock(string folder, FileMode mode)
    {
        try
        {
            // nobody else may open it: an advisory lock where there are such
            return new FileStream(System.IO.Path.Combine(folder, LockName), mode, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void Remove(string folder)
    {
        foreach (var rest in Directory.EnumerateFiles(folder).ToList())
            File.Delete(rest);
        Directory.Delete(folder);
    }

    private static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;   // NTFS journals names
        var descriptor = OpenFolder(folder, 0);
        if (descriptor < 0)
            throw new IOException($"{folder} could not be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            if (Fsync(descriptor) != 0)
                throw new IOException($"{folder} could not be made durable: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
