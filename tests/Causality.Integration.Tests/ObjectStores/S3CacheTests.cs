using Causality.Lake.Files.S3;
using Causality.Testing;
using NUnit.Framework;
using static Causality.Integration.Tests.ObjectStores.StoreFiles;

namespace Causality.Integration.Tests.ObjectStores;

/// <summary>What is read from S3 lies on the local disk, as long as there is room.</summary>
[TestFixture]
internal sealed class S3CacheTests
{
    private const int Size = 10_000;

    private readonly string _bucket = $"cache-{Guid.CreateVersion7():N}";
    private FaultyProxy _proxy = null!;
    private string _folder = null!;
    private S3ObjectStore _writer = null!;

    [OneTimeSetUp]
    public async Task Open()
    {
        _folder = Directory.CreateTempSubdirectory("causality-cache-").FullName;
        _proxy = await FaultyProxy.Start(new Uri(TestServers.S3(_bucket).Endpoint));
        _writer = Store(TestServers.S3(_bucket), Path.Combine(_folder, "writer"));
        await _writer.RequireBucket(CancellationToken.None);
    }

    [OneTimeTearDown]
    public async Task Close()
    {
        _writer.Dispose();
        await _proxy.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task What_was_written_here_is_not_downloaded_under_either_of_its_names()
    {
        using var store = Reader();
        await store.Write("_pending/w", "file", Some(Size));
        await store.Copy([("_pending/w/file", "events/w/file")], CancellationToken.None);
        var before = _proxy.Requests;
        await store.Read("_pending/w/file");
        await store.Read("events/w/file");
        Assert.That(_proxy.Requests, Is.EqualTo(before));
    }

    [Test]
    public async Task Twenty_who_want_an_object_at_the_same_time_cause_one_download()
    {
        await _writer.Write("single", "file", Some(Size));
        using var store = Reader();
        var before = _proxy.Requests;
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => store.Read("single/file")));
        Assert.That(_proxy.Requests - before, Is.EqualTo(1));
    }

    [Test]
    public async Task One_who_gives_up_does_not_take_the_download_from_the_others()
    {
        var content = Some(Size);
        await _writer.Write("patient", "file", content);
        using var store = Reader();
        _proxy.Harm(new Fault.Slow(Size), times: 1);
        using var hasty = new CancellationTokenSource();
        var first = store.Open(["patient/file"], hasty.Token);
        var second = store.Read("patient/file");
        await hasty.CancelAsync();
        Assert.That(() => first, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await second, Is.EqualTo(Digest(content)));
    }

    [Test]
    public async Task The_least_recently_used_goes_first_and_what_is_open_stays()
    {
        foreach (var name in new[] { "a", "b", "c", "d" })
            await _writer.Write($"bound/{name}", "file", Some(Size));
        using var store = Reader(o => o.CacheBytes = 2 * Size);
        using var open = await store.Open(["bound/a/file"], CancellationToken.None);
        foreach (var name in new[] { "b", "c", "d" })
            await store.Read($"bound/{name}/file");

        Assert.That(File.Exists(open.Names.Single()), Is.True);
        Assert.That(Bytes(), Is.LessThanOrEqualTo(2 * Size));
        Assert.That(await Downloads(store, "bound/d/file"), Is.Zero);
        Assert.That(await Downloads(store, "bound/b/file"), Is.EqualTo(1));
    }

    [Test]
    public async Task Files_that_together_pass_the_bound_are_open_together_and_go_when_they_are_closed()
    {
        var paths = Enumerable.Range(0, 5).Select(n => $"many/{n}/file").ToList();
        foreach (var path in paths)
            await _writer.Write(Path.GetDirectoryName(path)!, "file", Some(Size));
        using var store = Reader(o => o.CacheBytes = Size);
        using (var open = await store.Open(paths, CancellationToken.None))
            Assert.That(open.Names, Has.All.Matches<string>(File.Exists));
        Assert.That(Bytes(), Is.LessThanOrEqualTo(Size));
    }

    [Test]
    public async Task A_restart_finds_what_is_here_and_a_damaged_file_is_fetched_anew()
    {
        var content = Some(Size);
        await _writer.Write("restart/whole", "file", content);
        await _writer.Write("restart/damaged", "file", content);
        string damaged;
        using (var store = Reader())
        {
            await store.Read("restart/whole/file");
            using var open = await store.Open(["restart/damaged/file"], CancellationToken.None);
            damaged = open.Names.Single();
        }
        await Truncate(damaged);

        using var again = Reader();
        Assert.That(await Downloads(again, "restart/whole/file"), Is.Zero);
        Assert.That(await again.Read("restart/damaged/file"), Is.EqualTo(Digest(content)));

        await Truncate(damaged);   // and while it runs
        Assert.That(await again.Read("restart/damaged/file"), Is.EqualTo(Digest(content)));
    }

    [Test]
    public async Task Two_processes_have_a_folder_each_and_what_one_left_staged_is_gone_at_the_next_start()
    {
        using var first = Reader();
        await first.Staged("left", "file", [1]);
        using (var second = Reader())
        {
            Assert.That(await second.List("left", CancellationToken.None), Is.Empty);
            await second.Staged("left", "file", [2]);
        }
        using var third = Reader();
        Assert.That(await third.List("left", CancellationToken.None), Is.Empty);
        Assert.That(await first.List("left", CancellationToken.None), Is.EqualTo(new[] { "file" }));
    }

    [TearDown]
    public void Heal() => _proxy.Heal();

    private S3ObjectStore Reader(Action<S3Options>? change = null) => Store(TestServers.S3(_bucket, _proxy.Address).With(change ?? (_ => { })), Folder);

    private string Folder => Path.Combine(_folder, TestContext.CurrentContext.Test.ID);

    private long Bytes() => new DirectoryInfo(Folder).EnumerateFiles("*.file", SearchOption.AllDirectories).Sum(f => f.Length);

    private async Task<int> Downloads(S3ObjectStore store, string path)
    {
        var before = _proxy.Requests;
        await store.Read(path);
        return _proxy.Requests - before;
    }

    private static async Task Truncate(string file)
    {
        await using var stream = File.OpenWrite(file);
        stream.SetLength(Size / 2);
    }
}
