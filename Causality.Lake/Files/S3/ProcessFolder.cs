namespace Causality.Lake.Files.S3;

/// <summary>
/// A numbered folder that belongs to this process while it lives: the lowest that no other one holds, so that a process which starts
/// again finds its own, cache included.
/// </summary>
internal sealed class ProcessFolder : IDisposable
{
    private const int Most = 256;

    private readonly FileStream _lock;

    private ProcessFolder(string path, FileStream @lock) => (Path, _lock) = (path, @lock);

    public string Path { get; }

    public static ProcessFolder Take(string root)
    {
        for (var number = 0; ; number++)
        {
            var path = System.IO.Path.Combine(root, $"{number}");
            Directory.CreateDirectory(path);
            try
            {
                // the system lets go of it with the process, however that ends
                return new ProcessFolder(path, new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (number < Most)
            {
            }
        }
    }

    /// <summary>A folder below it, emptied of what an earlier process left.</summary>
    public string Empty(string name)
    {
        var path = System.IO.Path.Combine(Path, name);
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        Directory.CreateDirectory(path);
        return path;
    }

    public void Dispose() => _lock.Dispose();
}
