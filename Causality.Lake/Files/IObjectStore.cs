namespace Causality.Lake.Files;

/// <summary>
/// Where the lake's objects live. Paths are relative, with forward slashes. Objects are written once and never changed; writing is
/// two steps, so that an engine can write files and the store can make them durable in its own way.
/// </summary>
public interface IObjectStore
{
    /// <summary>A local folder, made empty, whose files will become the objects below <paramref name="prefix"/> by <see cref="Seal"/>.</summary>
    string Stage(string prefix);

    /// <summary>Makes staged files durable objects. When it returns, they outlive a power cut.</summary>
    Task Seal(IReadOnlyCollection<string> paths, CancellationToken ct);

    /// <summary>Gives objects a second, durable name each. Asking twice is not an error.</summary>
    Task Copy(IReadOnlyCollection<(string From, string To)> names, CancellationToken ct);

    /// <summary>Removes objects. Asking twice is not an error.</summary>
    Task Delete(IReadOnlyCollection<string> paths, CancellationToken ct);

    /// <summary>Removes every object below a prefix. Asking twice is not an error.</summary>
    Task DeleteAll(string prefix, CancellationToken ct);

    /// <summary>The names directly below a prefix.</summary>
    Task<IReadOnlyList<string>> List(string prefix, CancellationToken ct);

    /// <summary>Makes objects readable for an engine on this machine, until what it answers is disposed of.</summary>
    Task<ReadableFiles> Open(IReadOnlyCollection<string> paths, CancellationToken ct);

    /// <summary>Throws, saying why, when objects cannot be stored.</summary>
    Task Check(CancellationToken ct);
}

/// <summary>Local names of objects, in the order that was asked for. They stay readable until this is disposed of.</summary>
public sealed class ReadableFiles(IReadOnlyList<string> names, Action? release = null) : IDisposable
{
    private Action? _release = release;

    public IReadOnlyList<string> Names { get; } = names;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
