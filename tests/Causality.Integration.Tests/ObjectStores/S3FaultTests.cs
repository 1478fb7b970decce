using System.Diagnostics;
using Amazon;
using Amazon.S3;
using Amazon.S3.Model;
using Causality.Lake.Files.S3;
using Causality.Testing;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;
using static Causality.Integration.Tests.ObjectStores.StoreFiles;

namespace Causality.Integration.Tests.ObjectStores;

/// <summary>The store between us and trouble: what it says it has it has, what it does not have is not seen, and nobody waits for it forever.</summary>
[TestFixture]
internal sealed class S3FaultTests
{
    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(4), Slack = TimeSpan.FromSeconds(4);

    private readonly string _bucket = $"faults-{Guid.CreateVersion7():N}";
    private FaultyProxy _proxy = null!;
    private string _folder = null!;
    private S3ObjectStore _store = null!, _hasty = null!, _witness = null!;
    private AmazonS3Client _s3 = null!;

    [OneTimeSetUp]
    public async Task Open()
    {
        _folder = Directory.CreateTempSubdirectory("causality-faults-").FullName;
        var direct = TestServers.S3(_bucket).With(o => o.PartBytes = 5 << 20);
        _proxy = await FaultyProxy.Start(new Uri(direct.Endpoint));
        _s3 = TestServers.S3Client(direct);
        _witness = Store(direct.With(o => o.CacheBytes = 0), Path.Combine(_folder, "witness"));
        _store = Store(TestServers.S3(_bucket, _proxy.Address).With(o => (o.RequestTimeout, o.RetryTimeout, o.PartBytes) = (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(40), 5 << 20)), Path.Combine(_folder, "store"));
        _hasty = Store(TestServers.S3(_bucket, _proxy.Address).With(o => (o.RequestTimeout, o.RetryTimeout) = (Attempt, Patience)), Path.Combine(_folder, "hasty"));
        await _witness.RequireBucket(CancellationToken.None);
    }

    [OneTimeTearDown]
    public async Task Close()
    {
        _store.Dispose();
        _hasty.Dispose();
        _witness.Dispose();
        _s3.Dispose();
        await _proxy.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [SetUp]
    public void Heal() => _proxy.Heal();

    private static IEnumerable<TestCaseData> Passing()
    {
        yield return Case("500", new Fault.Answer(500), 3);
        yield return Case("SlowDown", new Fault.Answer(503, "SlowDown"), 4);
        yield return Case("reset", new Fault.Reset(), 3);
        yield return Case("no answer", new Fault.Hang(), 1);
        yield return Case("written, and no answer", new Fault.LoseAnswer(), 1);
        yield return Case("written, and the answer cut", new Fault.CutAnswer(), 2);
        yield return Case("upload cut", new Fault.TruncateUpload(), 2);

        static TestCaseData Case(string name, Fault fault, int times) => new TestCaseData(fault, times).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Passing))]
    public async Task An_upload_survives_trouble_that_passes(Fault fault, int times)
    {
        var (prefix, content) = (Prefix(), Some(20_000));
        _proxy.Harm(fault, IsPut, times);
        var before = _proxy.Harmed;
        await _store.Write(prefix, "file", content);
        Assert.That(_proxy.Harmed - before, Is.EqualTo(times));
        Assert.That(await _witness.Read($"{prefix}/file"), Is.EqualTo(Digest(content)));
    }

    [TestCaseSource(nameof(Passing))]
    public async Task An_upload_in_parts_survives_trouble_that_passes(Fault fault, int times)
    {
        var (prefix, content) = (Prefix(), Some(11 << 20));
        _proxy.Harm(fault, r => IsPut(r) && r.Query["partNumber"] == "2", times);
        var before = _proxy.Harmed;
        await _store.Write(prefix, "file", content);
        Assert.That(_proxy.Harmed - before, Is.EqualTo(times));
        Assert.That(await _witness.Read($"{prefix}/file"), Is.EqualTo(Digest(content)));
    }

    [TestCaseSource(nameof(Passing))]
    public async Task Completing_an_upload_in_parts_survives_trouble_that_passes(Fault fault, int times)
    {
        var (prefix, content) = (Prefix(), Some(6 << 20));
        _proxy.Harm(fault, r => HttpMethods.IsPost(r.Method) && r.Query.ContainsKey("uploadId"), times);
        await _store.Write(prefix, "file", content);
        Assert.That(await _witness.Read($"{prefix}/file"), Is.EqualTo(Digest(content)));
    }

    [TestCaseSource(nameof(Passing))]
    public async Task Copying_and_deleting_survive_trouble_that_passes(Fault fault, int times)
    {
        var (prefix, content) = (Prefix(), Some(1_000));
        await _store.Write(prefix, "a", content);
        _proxy.Harm(fault, IsPut, times);
        await _store.Copy([($"{prefix}/a", $"{prefix}-2/b")], CancellationToken.None);
        Assert.That(await _witness.Read($"{prefix}-2/b"), Is.EqualTo(Digest(content)));
        _proxy.Harm(fault, r => HttpMethods.IsPost(r.Method), times);
        await _store.DeleteAll(prefix, CancellationToken.None);
        Assert.That(await _witness.List(prefix, CancellationToken.None), Is.Empty);
    }

    [TestCase(1)]
    [TestCase(-1)]
    public async Task A_clock_that_is_hours_off_is_corrected_by_the_stores_answer(int hours)
    {
        var (prefix, content) = (Prefix(), Some(1_000));
        AWSConfigs.ManualClockCorrection = TimeSpan.FromHours(hours);
        try
        {
            await _store.Write(prefix, "file", content);
            Assert.That(AWSConfigs.ManualClockCorrection, Is.EqualTo(TimeSpan.Zero).Within(TimeSpan.FromSeconds(3)));
        }
        finally
        {
            AWSConfigs.ManualClockCorrection = null;
        }
        Assert.That(await _witness.Read($"{prefix}/file"), Is.EqualTo(Digest(content)));
    }

    private static IEnumerable<TestCaseData> Lasting()
    {
        yield return new TestCaseData(new Fault.Hang(), "within 4 s: no answer within 1 s").SetArgDisplayNames("hangs");
        yield return new TestCaseData(new Fault.Slow(1_000), "within 4 s: no answer within 1 s").SetArgDisplayNames("1 kB/s");
        yield return new TestCaseData(new Fault.Answer(503, "SlowDown"), "within 4 s: 503 SlowDown").SetArgDisplayNames("SlowDown");
        yield return new TestCaseData(new Fault.Reset(), "within 4 s: ").SetArgDisplayNames("resets");
    }

    [TestCaseSource(nameof(Lasting))]
    public async Task An_upload_ends_in_time_says_why_and_leaves_nothing_to_see(Fault fault, string why)
    {
        var prefix = Prefix();
        _proxy.Harm(fault, IsPut);
        var started = Stopwatch.GetTimestamp();
        Assert.That(() => _hasty.Write(prefix, "file", Some(20_000)), Throws.TypeOf<ObjectStoreException>().With.Message.Contains($"did not write {prefix}/file").And.Message.Contains(why));
        Assert.That(Stopwatch.GetElapsedTime(started), Is.LessThan(Patience + Slack));
        Assert.That(await _witness.List(prefix, CancellationToken.None), Is.Empty);
        Assert.That(Directory.EnumerateFiles(_folder, "file", SearchOption.AllDirectories), Is.Empty, "staged files do not pile up while the store is away");
    }

    [Test]
    public void A_caller_with_less_time_is_told_at_once_what_there_was()
    {
        _proxy.Harm(new Fault.Answer(500));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var started = Stopwatch.GetTimestamp();
        Assert.That(() => _store.Write(Prefix(), "file", [1], deadline.Token), Throws.InstanceOf<OperationCanceledException>().With.Message.Contains("500 InternalError"));
        Assert.That(Stopwatch.GetElapsedTime(started), Is.LessThan(TimeSpan.FromSeconds(1) + Slack));
    }

    [Test]
    public async Task A_store_that_keeps_half_of_a_file_and_calls_it_well_is_found_out()
    {
        var (prefix, content) = (Prefix(), Some(10_000));
        _proxy.Harm(new Fault.Then(() => Overwrite($"{prefix}/file", content[..5_000])), IsPut, times: 1);
        Assert.That(() => _store.Write(prefix, "file", content), Throws.TypeOf<ObjectStoreException>().With.Message.Contains("5000 bytes"));
        _proxy.Harm(new Fault.Then(() => Overwrite($"{prefix}/same length", Some(10_000))), IsPut, times: 1);
        Assert.That(() => _store.Write(prefix, "same length", content), Throws.TypeOf<ObjectStoreException>().With.Message.Contains("another object"));
        await _s3.DeleteObjectAsync(_bucket, $"{prefix}/file");
        Assert.That(() => _store.Read($"{prefix}/file"), Throws.TypeOf<ObjectStoreException>(), "what was not sealed is not in the cache either");
    }

    [Test]
    public async Task An_object_that_is_there_is_never_replaced_by_another()
    {
        var prefix = Prefix();
        await Overwrite($"{prefix}/file", [1, 2, 3]);
        Assert.That(() => _store.Write(prefix, "file", [4, 5, 6]), Throws.TypeOf<ObjectStoreException>().With.Message.Contains("another object"));
        Assert.That(await _witness.Read($"{prefix}/file"), Is.EqualTo(Digest([1, 2, 3])));
        await _store.Write(prefix, "file", [1, 2, 3]);
    }

    private static IEnumerable<TestCaseData> Reading()
    {
        yield return new TestCaseData(new Fault.TruncateAnswer(), 2).SetArgDisplayNames("answer cut");
        yield return new TestCaseData(new Fault.TruncateAnswer(Quietly: true), 2).SetArgDisplayNames("answer too short");
        yield return new TestCaseData(new Fault.Answer(503, "SlowDown"), 3).SetArgDisplayNames("SlowDown");
        yield return new TestCaseData(new Fault.Reset(), 3).SetArgDisplayNames("reset");
        yield return new TestCaseData(new Fault.Hang(), 1).SetArgDisplayNames("no answer");
    }

    [TestCaseSource(nameof(Reading))]
    public async Task A_download_survives_trouble_that_passes(Fault fault, int times)
    {
        var (prefix, content) = (Prefix(), Some(11 << 20));
        await _witness.Write(prefix, "file", content);
        _proxy.Harm(fault, r => HttpMethods.IsGet(r.Method) && r.Headers.Range == "bytes=5242880-10485759", times);
        var before = _proxy.Harmed;
        Assert.That(await _store.Read($"{prefix}/file"), Is.EqualTo(Digest(content)));
        Assert.That(_proxy.Harmed - before, Is.EqualTo(times));
    }

    [Test]
    public async Task A_download_that_never_comes_through_ends_in_time_and_leaves_nothing_to_read()
    {
        var (prefix, content) = (Prefix(), Some(100_000));
        await _witness.Write(prefix, "file", content);
        foreach (var fault in new Fault[] { new Fault.Slow(1_000), new Fault.TruncateAnswer(Quietly: true) })
        {
            _proxy.Harm(fault, r => HttpMethods.IsGet(r.Method));
            var started = Stopwatch.GetTimestamp();
            Assert.That(() => _hasty.Read($"{prefix}/file"), Throws.TypeOf<ObjectStoreException>().With.Message.Contains($"did not read {prefix}/file"));
            Assert.That(Stopwatch.GetElapsedTime(started), Is.LessThan(Patience + Slack));
        }
        _proxy.Heal();
        Assert.That(await _hasty.Read($"{prefix}/file"), Is.EqualTo(Digest(content)));
    }

    [Test]
    public async Task What_was_changed_behind_our_back_is_not_taken_for_what_was_written()
    {
        var (prefix, content) = (Prefix(), Some(1_000));
        await _witness.Write(prefix, "file", content);
        await Overwrite($"{prefix}/file", Some(1_000), (await _s3.GetObjectMetadataAsync(_bucket, $"{prefix}/file")).Metadata["md5"]);
        Assert.That(() => _store.Read($"{prefix}/file"), Throws.TypeOf<ObjectStoreException>().With.Message.Contains("is not what was written"));
    }

    [Test]
    public async Task A_store_that_cannot_delete_many_at_once_is_asked_one_by_one()
    {
        var prefix = Prefix();
        await _store.Write($"{prefix}/a", "file", [1]);
        await _store.Write($"{prefix}/b", "file", [1]);
        _proxy.Harm(new Fault.Answer(501, "NotImplemented"), r => HttpMethods.IsPost(r.Method));
        await _store.DeleteAll(prefix, CancellationToken.None);
        Assert.That(await _witness.List(prefix, CancellationToken.None), Is.Empty);
    }

    [Test]
    public void A_check_of_a_store_that_is_away_says_so_at_once()
    {
        _proxy.Harm(new Fault.Answer(503, "SlowDown"));
        using var fresh = Store(TestServers.S3(_bucket, _proxy.Address), Path.Combine(_folder, "fresh"));
        Assert.That(() => fresh.Check(CancellationToken.None), Throws.TypeOf<ObjectStoreException>().With.Message.Contains("503 SlowDown"));
        _proxy.Heal();
        Assert.That(() => fresh.Check(CancellationToken.None), Throws.Nothing);
    }

    private static bool IsPut(HttpRequest request) => HttpMethods.IsPut(request.Method);

    private static string Prefix() => $"_pending/{Guid.CreateVersion7():N}";

    private Task<PutObjectResponse> Overwrite(string key, byte[] content, string? md5 = null)
    {
        var put = new PutObjectRequest { BucketName = _bucket, Key = key, InputStream = new MemoryStream(content) };
        if (md5 is not null)
            put.Metadata["md5"] = md5;
        return _s3.PutObjectAsync(put);
    }
}
