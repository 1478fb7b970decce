namespace Causality.Benchmarks.Faults;

/// <summary>Where the lake of a check lies, and how somebody outside of the product lists and reads it. <c>--store</c> chooses.</summary>
internal interface ILakeFolder : IAsyncDisposable
{
    /// <summary>Settings by which a host finds it.</summary>
    IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Paths of all objects below a prefix, relative to the lake, as the store lists them.</summary>
    Task<IReadOnlySet<string>> List(string prefix, CancellationToken ct);

    /// <summary>A name under which plain DuckDB can open an object.</summary>
    Task<string> Readable(string path, CancellationToken ct);
}

/// <summary>The folder <c>lake</c> in the hosts' data folder.</summary>
internal sealed class LocalLake(string folder) : ILakeFolder
{
    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>();

    public Task<IReadOnlySet<string>> List(string prefix, CancellationToken ct) => Task.FromResult<IReadOnlySet<string>>(
        Path.Combine(folder, prefix) is var below && Directory.Exists(below)
            ? Directory.EnumerateFiles(below, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f)).ToHashSet() : new HashSet<string>());

    public Task<string> Readable(string path, CancellationToken ct) => Task.FromResult(Path.Combine(folder, path));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
