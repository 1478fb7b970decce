using Causality.Lake.Files;
using Causality.Lake.Files.S3;
using Causality.Testing;
using NUnit.Framework;
using static Causality.Integration.Tests.ObjectStores.StoreFiles;

namespace Causality.Integration.Tests.ObjectStores;

/// <summary>What the lake relies on, of every store alike.</summary>
[TestFixture(Storage.Local)]
[TestFixture(Storage.S3)]
internal sealed class ObjectStoreTests(Storage storage)
{
    private string _folder = null!;
    private IObjectStore _store = null!;

    [OneTimeSetUp]
    public async Task Open()
    {
        _folder = Directory.CreateTempSubdirectory("causality-store-").FullName;
        if (storage == Storage.Local)
        {
            _store = new LocalObjectStore(_folder);
            return;
        }
        var s3 = Store(TestServers.S3($"contract-{Guid.CreateVersion7():N}").With(o => (o.Prefix, o.PartBytes) = ("lake/of tests", 5 << 20)), _folder);
        await s3.RequireBucket(CancellationToken.None);
        _store = s3;
    }

    [OneTimeTearDown]
    public void Close()
    {
        (_store as IDisposable)?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [TestCase(1)]
    [TestCase(5 << 20, Description = "one part exactly")]
    [TestCase((12 << 20) + 1, Description = "several, the last of them short")]
    public async Task What_was_sealed_is_read_as_it_was_written(int bytes)
    {
        var (prefix, content) = (Prefix(), Some(bytes));
        await _store.Write(prefix, "app_id=shop.1-a_b/year=2026/f.pending", content);
        Assert.That(await _store.Read($"{prefix}/app_id=shop.1-a_b/year=2026/f.pending"), Is.EqualTo(Digest(content)));
    }

    [Test]
    public async Task A_copy_is_read_by_its_own_name_when_the_first_is_gone_and_asking_twice_is_no_error()
    {
        var (prefix, content) = (Prefix(), Some(1_000));
        await _store.Write(prefix, "a.pending", content);
        (string, string)[] names = [($"{prefix}/a.pending", $"events/{prefix}/a.parquet")];

        await _store.Copy(names, CancellationToken.None);
        await _store.Copy(names, CancellationToken.None);
        await _store.DeleteAll(prefix, CancellationToken.None);

        Assert.That(await _store.Read($"events/{prefix}/a.parquet"), Is.EqualTo(Digest(content)));
        Assert.That(await _store.List(prefix, CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task What_was_deleted_is_not_read_and_deleting_twice_is_no_error()
    {
        var prefix = Prefix();
        var folder = _store.Stage(prefix);
        foreach (var name in new[] { "a", "b" })
            await File.WriteAllBytesAsync(Path.Combine(folder, name), Some(10));
        await _store.Seal([$"{prefix}/a", $"{prefix}/b"], CancellationToken.None);

        await _store.Delete([$"{prefix}/a"], CancellationToken.None);
        await _store.Delete([$"{prefix}/a", $"{prefix}/never"], CancellationToken.None);

        Assert.That(await _store.List(prefix, CancellationToken.None), Is.EqualTo(new[] { "b" }));
        Assert.That(() => _store.Read($"{prefix}/a"), Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task A_listing_names_what_is_directly_below_and_no_neighbor()
    {
        var prefix = Prefix();
        await _store.Write($"{prefix}/one", "deep/file", Some(1));
        await _store.Write($"{prefix}/two", "file", Some(1));
        await _store.Write($"{prefix}-neighbor/three", "file", Some(1));

        Assert.That(await _store.List(prefix, CancellationToken.None), Is.EquivalentTo(new[] { "one", "two" }));
        Assert.That(await _store.List($"{prefix}/none", CancellationToken.None), Is.Empty);
        await _store.DeleteAll(prefix, CancellationToken.None);
        await _store.DeleteAll(prefix, CancellationToken.None);
        Assert.That(await _store.List(prefix, CancellationToken.None), Is.Empty);
        Assert.That(await _store.List($"{prefix}-neighbor", CancellationToken.None), Is.EqualTo(new[] { "three" }));
    }

    [Test]
    public async Task More_objects_than_a_page_holds_are_listed_and_removed_all()
    {
        var prefix = Prefix();
        var folder = _store.Stage(prefix);
        var names = Enumerable.Range(0, 1_005).Select(n => $"{n:0000}").ToList();
        foreach (var name in names)
            await File.WriteAllBytesAsync(Path.Combine(folder, name), [1]);
        await _store.Seal([.. names.Select(n => $"{prefix}/{n}")], CancellationToken.None);

        Assert.That(await _store.List(prefix, CancellationToken.None), Is.EquivalentTo(names));
        await _store.DeleteAll(prefix, CancellationToken.None);
        Assert.That(await _store.List(prefix, CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task What_was_staged_and_never_sealed_is_listed_and_removed_like_the_rest()
    {
        var prefix = Prefix();
        await _store.Staged($"{prefix}/left", "file", Some(1));
        Assert.That(await _store.List(prefix, CancellationToken.None), Is.EqualTo(new[] { "left" }));
        await _store.DeleteAll($"{prefix}/left", CancellationToken.None);
        Assert.That(await _store.List(prefix, CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task Staging_again_begins_with_an_empty_folder()
    {
        var prefix = Prefix();
        await _store.Staged(prefix, "first", Some(1));
        Assert.That(Directory.EnumerateFileSystemEntries(_store.Stage(prefix)), Is.Empty);
    }

    [Test]
    public async Task Files_are_answered_in_the_order_that_was_asked_for()
    {
        var prefix = Prefix();
        var folder = _store.Stage(prefix);
        string[] names = ["b", "a", "c"];
        foreach (var name in names)
            await File.WriteAllTextAsync(Path.Combine(folder, name), name);
        await _store.Seal([.. names.Select(n => $"{prefix}/{n}")], CancellationToken.None);
        using var files = await _store.Open([.. names.Select(n => $"{prefix}/{n}")], CancellationToken.None);
        Assert.That(files.Names.Select(File.ReadAllText), Is.EqualTo(names));
    }

    [Test]
    public void A_store_that_works_passes_its_check() => Assert.That(() => _store.Check(CancellationToken.None), Throws.Nothing);

    private static string Prefix() => $"_pending/{Guid.CreateVersion7():N}";
}
