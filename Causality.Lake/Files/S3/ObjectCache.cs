using System.Globalization;

namespace Causality.Lake.Files.S3;

/// <summary>
/// Objects as local files. They never change, so what is here is right; the least recently used go first when the bound is passed,
/// never one that is open. A file's name begins with its length, by which a restart, and every opening, knows a damaged one.
/// </summary>
internal sealed class ObjectCache
{
    private readonly string _root, _incoming;
    private readonly long _most;
    private readonly Func<string, string, CancellationToken, Task<long>> _fetch;
    private readonly SemaphoreSlim _downloads;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly Dictionary<string, Flight> _flights = [];
    private readonly LinkedList<Entry> _byUse = [];   // the least recently used first
    private long _bytes;

    /// <param name="root">Where the files lie; what is there from before is taken over.</param>
    /// <param name="incoming">A folder on the same file system, for what is not whole yet.</param>
    /// <param name="fetch">Reads the object of a path into a new file, and answers its length.</param>
    public ObjectCache(string root, string incoming, long most, int parallel, Func<string, string, CancellationToken, Task<long>> fetch)
    {
        (_root, _incoming, _most, _fetch, _downloads) = (root, incoming, most, fetch, new SemaphoreSlim(parallel));
        Directory.CreateDirectory(root);
        foreach (var file in new DirectoryInfo(root).EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(f => f.LastWriteTimeUtc))
            TakeOver(file);
        foreach (var folder in Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories).OrderByDescending(f => f.Length).ToList())
            if (!Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
        Shrink();
    }

    /// <summary>Local names of objects, fetched where they are missing, readable until the answer is disposed of.</summary>
    public async Task<ReadableFiles> Open(IReadOnlyCollection<string> paths, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var opening = paths.Select(path => OpenOrStop(path, stop)).ToList();
        try
        {
            var entries = await Task.WhenAll(opening);
            return new ReadableFiles([.. entries.Select(e => e.File)], () => Release(entries));
        }
        catch
        {
            Release([.. opening.Where(o => o.IsCompletedSuccessfully).Select(o => o.Result)]);
            throw;
        }
    }

    /// <summary>Takes a file that was just written as an object, if it can.</summary>
    public void Keep(string path, string file) => Try(() => Adopt(path, file, new FileInfo(file).Length));

    /// <summary>Takes the same object by another name, if it can.</summary>
    public void Alias(string from, string to) => Try(() =>
    {
        if (!_entries.TryGetValue(from, out var entry) || _entries.ContainsKey(to))
            return;
        var second = Path.Combine(_incoming, Guid.CreateVersion7().ToString("N"));
        Posix.Link(entry.File, second);
        Adopt(to, second, entry.Length);
    });

    /// <summary>Lets go of objects that are no more; files of them that are open stay until they are closed.</summary>
    public void Forget(Func<string, bool> gone)
    {
        lock (_gate)
            foreach (var entry in _entries.Values.Where(e => gone(e.Path)).ToList())
                Remove(entry);
    }

    private async Task<Entry> OpenOrStop(string path, CancellationTokenSource others)
    {
        try
        {
            return await OpenOne(path, others.Token);
        }
        catch
        {
            await others.CancelAsync();   // without this one, nobody needs them
            throw;
        }
    }

    private async Task<Entry> OpenOne(string path, CancellationToken ct)
    {
        Flight flight;
        lock (_gate)
        {
            if (Use(path) is { } known)
                return known;
            if (!_flights.TryGetValue(path, out flight!))
            {
                _flights[path] = flight = new Flight();
                flight.Arrival = Task.Run(() => Fly(path, flight), CancellationToken.None);
            }
            flight.Waiting++;
        }
        try
        {
            return await flight.Arrival.WaitAsync(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            Leave(path, flight);
            throw;
        }
    }

    /// <summary>One download, whoever waits for it; ends when nobody does any more.</summary>
    private async Task<Entry> Fly(string path, Flight flight)
    {
        var file = Path.Combine(_incoming, Guid.CreateVersion7().ToString("N"));
        try
        {
            await _downloads.WaitAsync(flight.Stop.Token);
            try
            {
                var length = await _fetch(path, file, flight.Stop.Token);
                lock (_gate)
                {
                    flight.Arrived = Adopt(path, file, length, flight.Waiting);
                    Forget(path, flight);
                    return flight.Arrived;
                }
            }
            finally
            {
                _downloads.Release();
            }
        }
        catch
        {
            File.Delete(file);
            lock (_gate)
                Forget(path, flight);
            throw;
        }
    }

    private void Leave(string path, Flight flight)
    {
        lock (_gate)
        {
            if (flight.Arrived is { } entry)
                Release([entry]);
            else if (--flight.Waiting == 0)
            {
                Forget(path, flight);   // who comes now begins anew
                flight.Stop.Cancel();
            }
        }
    }

    private void Forget(string path, Flight flight)
    {
        if (_flights.GetValueOrDefault(path) == flight)
            _flights.Remove(path);
    }

    /// <summary>What cannot be kept can be fetched, so it is no reason to fail.</summary>
    private void Try(Action keep)
    {
        try
        {
            lock (_gate)
                keep();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
        }
    }

    private Entry? Use(string path)
    {
        if (!_entries.TryGetValue(path, out var entry))
            return null;
        if (new FileInfo(entry.File) is not { Exists: true } file || file.Length != entry.Length)
        {
            Remove(entry);
            return null;
        }
        entry.Users++;
        _byUse.Remove(entry.Place);
        _byUse.AddLast(entry.Place);
        return entry;
    }

    private void Release(IReadOnlyCollection<Entry> entries)
    {
        lock (_gate)
        {
            foreach (var entry in entries)
                if (--entry.Users == 0 && entry.Removed)
                    Delete(entry);
            Shrink();
        }
    }

    private Entry Adopt(string path, string file, long length, int users = 0)
    {
        if (_entries.TryGetValue(path, out var old))
            Remove(old);
        var name = Path.Combine(_root, Path.GetDirectoryName(path)!, string.Create(CultureInfo.InvariantCulture, $"{length}.{Path.GetFileName(path)}"));
        Directory.CreateDirectory(Path.GetDirectoryName(name)!);
        File.Move(file, name, overwrite: true);
        var entry = Enter(path, name, length, users);
        Shrink();
        return entry;
    }

    private Entry Enter(string path, string file, long length, int users)
    {
        var entry = new Entry(path, file, length) { Users = users };
        entry.Place = _byUse.AddLast(entry);
        _entries[path] = entry;
        _bytes += length;
        return entry;
    }

    private void TakeOver(FileInfo file)
    {
        var (dot, folder) = (file.Name.IndexOf('.', StringComparison.Ordinal), Path.GetRelativePath(_root, file.DirectoryName!));
        if (dot > 0 && long.TryParse(file.Name.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length == file.Length)
            Enter(Path.Combine(folder == "." ? "" : folder, file.Name[(dot + 1)..]).Replace(Path.DirectorySeparatorChar, '/'), file.FullName, length, users: 0);
        else
            file.Delete();
    }

    private void Shrink()
    {
        for (var place = _byUse.First; place is not null && _bytes > _most;)
        {
            var entry = place.Value;
            place = place.Next;
            if (entry.Users == 0)
                Remove(entry);
        }
    }

    private void Remove(Entry entry)
    {
        entry.Removed = true;
        _entries.Remove(entry.Path);
        _byUse.Remove(entry.Place);
        _bytes -= entry.Length;
        if (entry.Users == 0)
            Delete(entry);
    }

    // its name may belong to a newer copy of the same object by now
    private void Delete(Entry entry)
    {
        if (_entries.GetValueOrDefault(entry.Path)?.File != entry.File)
            File.Delete(entry.File);
    }

    private sealed class Entry(string path, string file, long length)
    {
        public string Path => path;

        public string File => file;

        public long Length => length;

        public int Users { get; set; }

        public bool Removed { get; set; }

        public LinkedListNode<Entry> Place { get; set; } = null!;
    }

    private sealed class Flight
    {
        public CancellationTokenSource Stop { get; } = new();

        public int Waiting { get; set; }

        public Task<Entry> Arrival { get; set; } = null!;

        public Entry? Arrived { get; set; }
    }
}
